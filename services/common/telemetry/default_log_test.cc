#include "services/common/telemetry/default_log.h"

#include <unistd.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/spdlog.h"

namespace praxis::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(DefaultLogTest, LeadsToTheLogWhileItLives) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    Log log({.service = "test", .fd = ends[1]});
    {
      DefaultLog captured(log);
      spdlog::error("disk {} is \"full\"", 7);
      spdlog::debug("not shown");
    }
    spdlog::error("nobody listens");
  }
  close(ends[1]);
  std::string text(4096, '\0');
  text.resize(read(ends[0], text.data(), text.size()));
  close(ends[0]);
  EXPECT_THAT(text, HasSubstr("\"severity\":\"ERROR\""));
  EXPECT_THAT(text, HasSubstr("disk 7 is \\\"full\\\""));
  EXPECT_THAT(text, Not(HasSubstr("not shown")));
  EXPECT_THAT(text, Not(HasSubstr("nobody listens")));
}

}  // namespace
}  // namespace praxis::telemetry
