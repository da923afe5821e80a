#include "services/common/telemetry/default_log.h"

#include <unistd.h>

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"
#include "spdlog/spdlog.h"

namespace praxis::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What is logged by `work` at this severity and above.
template <typename Work>
std::string Logged(Severity level, Work work) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  {
    Log log({.service = "test", .level = level, .fd = ends[1]});
    work(log);
  }
  close(ends[1]);
  std::string text(4096, '\0');
  text.resize(read(ends[0], text.data(), text.size()));
  close(ends[0]);
  return text;
}

TEST(DefaultLogTest, LeadsToTheLogWhileItLives) {
  const std::string text = Logged(Severity::kInfo, [](Log& log) {
    {
      DefaultLog captured(log);
      spdlog::error("disk {} is \"full\"", 7);
      spdlog::debug("not shown");
    }
    spdlog::error("nobody listens");
  });
  EXPECT_THAT(text, HasSubstr("\"severity\":\"ERROR\""));
  EXPECT_THAT(text, HasSubstr("disk 7 is \\\"full\\\""));
  EXPECT_THAT(text, Not(HasSubstr("not shown")));
  EXPECT_THAT(text, Not(HasSubstr("nobody listens")));
}

TEST(DefaultLogTest, TakesWhatProtobufSaysForDetails) {
  const auto work = [](Log& log) {
    {
      DefaultLog captured(log);
      // Field 1 of a string that is no UTF-8.
      google::protobuf::StringValue value;
      EXPECT_FALSE(value.ParseFromString("\x0a\x01\xff"));
    }
    GOOGLE_LOG(ERROR) << "nobody listens";
  };
  EXPECT_THAT(Logged(Severity::kDebug, work), HasSubstr("invalid UTF-8"));
  EXPECT_EQ(Logged(Severity::kInfo, work), "");
}

}  // namespace
}  // namespace praxis::telemetry
