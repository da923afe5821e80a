#include "services/common/telemetry/log.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::telemetry {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// A file without a name, to log into.
class LogTest : public ::testing::Test {
 protected:
  LogTest() : file_(std::tmpfile()) {}
  ~LogTest() override { std::fclose(file_); }

  Log::Options To(Severity level = Severity::kInfo) {
    return {.service = "praxis-test", .level = level, .fd = fileno(file_)};
  }

  // What was written until now.
  std::string Text() {
    std::string text(lseek(fileno(file_), 0, SEEK_END), '\0');
    EXPECT_EQ(pread(fileno(file_), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
    return text;
  }
  std::vector<std::string> Lines() {
    return absl::StrSplit(Text(), '\n', absl::SkipEmpty());
  }

  std::FILE* const file_;
};

TEST_F(LogTest, WritesOneJsonObjectALine) {
  {
    Log log(To());
    log.Info("serving", {{"address", "[::]:8091"},
                         {"threads", 4},
                         {"bytes", int64_t{1} << 40},
                         {"load", 0.5},
                         {"ready", true}});
    log.Warning("stopping");
  }
  ASSERT_THAT(Lines(), SizeIs(2));
  EXPECT_THAT(
      Lines()[0],
      MatchesRegex(
          R"(\{"time":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})"
          R"(\.[0-9]{6}Z","severity":"INFO","service":"praxis-test",)"
          R"("message":"serving","address":"\[::\]:8091","threads":4,)"
          R"("bytes":1099511627776,"load":0\.5,"ready":true\})"));
  EXPECT_THAT(Lines()[1],
              EndsWith(R"("severity":"WARNING","service":"praxis-test",)"
                       R"("message":"stopping"})"));
}

TEST_F(LogTest, TellsTheTime) {
  const absl::Time before = absl::Now();
  { Log(To()).Info("x"); }
  const std::string line = Lines().at(0);
  absl::Time time;
  std::string error;
  ASSERT_TRUE(
      absl::ParseTime(absl::RFC3339_full, line.substr(9, 27), &time, &error))
      << error << " in " << line;
  EXPECT_GE(time, before - absl::Microseconds(1));
  EXPECT_LE(time, absl::Now());
}

TEST_F(LogTest, ShowsItsLevelAndAbove) {
  {
    Log log(To(Severity::kWarning));
    EXPECT_FALSE(log.Shows(Severity::kInfo));
    log.Debug("a");
    log.Info("b");
    log.Warning("c");
    log.Error("d");
  }
  EXPECT_THAT(Lines(), SizeIs(2));
  EXPECT_THAT(Text(), HasSubstr(R"("severity":"ERROR")"));
}

TEST_F(LogTest, KeepsALineALineWhateverIsInIt) {
  {
    Log log(To());
    log.Info("a\nb", {{"evil\"name", "x\"},\n{\"severity\":\"ERROR"}});
  }
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0], EndsWith(R"("message":"a\nb","evil\"name":)"
                                   R"("x\"},\n{\"severity\":\"ERROR"})"));
}

TEST_F(LogTest, WritesNullForANumberJsonDoesNotHave) {
  { Log(To()).Info("x", {{"v", std::numeric_limits<double>::infinity()}}); }
  EXPECT_THAT(Text(), HasSubstr(R"("v":null})"));
}

TEST_F(LogTest, WritesWithoutBeingDestroyed) {
  Log log(To());
  log.Info("x");
  const absl::Time limit = absl::Now() + absl::Seconds(30);
  while (Text().empty() && absl::Now() < limit) std::this_thread::yield();
  EXPECT_THAT(Lines(), SizeIs(1));
}

TEST_F(LogTest, LosesNoLineOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kLines = 1'000;
  {
    Log log(To());
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&log, i] {
        for (int j = 0; j < kLines; ++j) {
          log.Info("line", {{"thread", i}, {"number", j}});
        }
      });
    }
    for (auto& thread : threads) thread.join();
    ASSERT_EQ(log.dropped(), 0u);
  }
  EXPECT_THAT(Lines(), SizeIs(kThreads * kLines));
  for (const std::string& line : Lines()) {
    ASSERT_THAT(line, StartsWith("{\"time\":"));
    ASSERT_THAT(line, EndsWith("}"));
  }
}

// A pipe that nobody reads until the end.
TEST(LogToAFullPipeTest, DropsAndCountsRatherThanMakingAnyoneWait) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  std::string text;
  int written = 0;
  uint64_t dropped = 0;
  std::thread reader;
  {
    Log log({.service = "s", .buffer_bytes_max = 4096, .fd = ends[1]});
    const std::string long_text(1000, 'x');
    for (; log.dropped() < 3; ++written) log.Info(long_text);
    dropped = log.dropped();
    reader = std::thread([&] {
      char piece[4096];
      for (ssize_t n; (n = read(ends[0], piece, sizeof(piece))) > 0;) {
        text.append(piece, n);
      }
    });
  }
  close(ends[1]);
  reader.join();
  close(ends[0]);
  const std::vector<std::string> lines =
      absl::StrSplit(text, '\n', absl::SkipEmpty());
  int kept = 0;
  int told = 0;
  for (const std::string& line : lines) {
    if (line.find("log lines dropped") == std::string::npos) {
      ++kept;
    } else {
      EXPECT_THAT(line, ContainsRegex("\"count\":[0-9]+\\}$"));
      told += std::stoi(line.substr(line.rfind(':') + 1));
    }
  }
  EXPECT_EQ(kept, written - static_cast<int>(dropped));
  EXPECT_EQ(told, static_cast<int>(dropped));
}

// A pipe that another process made non-blocking, as shells and supervisors do:
// the description is shared, so it is ours as well.
TEST(LogToAFullPipeTest, WritesEverythingWhenThePipeRefusesToBlock) {
  constexpr int kLines = 500;
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  ASSERT_EQ(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
  std::string text;
  std::thread reader;
  {
    Log log({.service = "s", .fd = ends[1]});
    const std::string long_text(1000, 'x');
    for (int i = 0; i < kLines; ++i) log.Info(long_text);
    ASSERT_EQ(log.dropped(), 0u);
    reader = std::thread([&] {
      char piece[4096];
      for (ssize_t n; (n = read(ends[0], piece, sizeof(piece))) > 0;) {
        text.append(piece, n);
      }
    });
  }
  close(ends[1]);
  reader.join();
  close(ends[0]);
  const std::vector<std::string> lines =
      absl::StrSplit(text, '\n', absl::SkipEmpty());
  EXPECT_THAT(lines, SizeIs(kLines));
  for (const std::string& line : lines) {
    ASSERT_THAT(line, EndsWith("x\"}"));
  }
}

// Whoever read the log is gone: the service goes on.
TEST(LogToAFullPipeTest, OutlivesItsReader) {
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  {
    Log log({.service = "s", .fd = ends[1]});
    log.Info("to nobody");
  }
  close(ends[1]);
}

TEST(ParseSeverityTest, KnowsTheFourNames) {
  EXPECT_EQ(ParseSeverity("debug"), Severity::kDebug);
  EXPECT_EQ(ParseSeverity("info"), Severity::kInfo);
  EXPECT_EQ(ParseSeverity("warning"), Severity::kWarning);
  EXPECT_EQ(ParseSeverity("error"), Severity::kError);
  EXPECT_EQ(ParseSeverity("INFO"), std::nullopt);
}

}  // namespace
}  // namespace praxis::telemetry
