#include "gateway/ops/status/wording.h"

#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

TEST(WordingTest, EscapesAllThatMeansSomethingInHtml) {
  EXPECT_EQ(Escaped("<a href=\"x\">'&amp;'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/a&gt;");
}

TEST(WordingTest, GroupsDigits) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1\u202f000");
  EXPECT_EQ(Grouped(1234567), "1\u202f234\u202f567");
  EXPECT_EQ(Grouped(-1234), "\u22121\u202f234");
}

TEST(WordingTest, RoundsToWhatIsRead) {
  EXPECT_EQ(Rounded(0), "0");
  EXPECT_EQ(Rounded(0.0001), "0.01");
  EXPECT_EQ(Rounded(0.25), "0.25");
  EXPECT_EQ(Rounded(0.5), "0.5");
  EXPECT_EQ(Rounded(3), "3");
  EXPECT_EQ(Rounded(3.44), "3.4");
  EXPECT_EQ(Rounded(9.99), "10");
  EXPECT_EQ(Rounded(119.6), "120");
  EXPECT_EQ(Rounded(12345.6), "12\u202f346");
  EXPECT_EQ(Percent(0), "0");
  EXPECT_EQ(Percent(0.000001), "0.01");
  EXPECT_EQ(Percent(0.015), "1.5");
  EXPECT_EQ(Percent(1), "100");
}

TEST(WordingTest, GivesTimesTheirUnits) {
  EXPECT_EQ(Latency(absl::ZeroDuration()), "0\u00a0\u00b5s");
  EXPECT_EQ(Latency(absl::Microseconds(350)), "350\u00a0\u00b5s");
  EXPECT_EQ(Latency(absl::Microseconds(1234)), "1.2\u00a0ms");
  EXPECT_EQ(Latency(absl::Milliseconds(34)), "34\u00a0ms");
  EXPECT_EQ(Latency(absl::Milliseconds(2500)), "2.5\u00a0s");
  EXPECT_EQ(Span(-absl::Seconds(1)), "0\u00a0s");
  EXPECT_EQ(Span(absl::Seconds(59)), "59\u00a0s");
  EXPECT_EQ(Span(absl::Minutes(12)), "12\u00a0min");
  EXPECT_EQ(Span(absl::Hours(3)), "3\u00a0h");
  EXPECT_EQ(Span(absl::Hours(3) + absl::Minutes(20)), "3\u00a0h 20\u00a0min");
  EXPECT_EQ(Span(absl::Hours(98)), "4\u00a0d 2\u00a0h");
}

TEST(WordingTest, NamesTheDayOnlyWhenItIsAnother) {
  const absl::Time time = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_EQ(Clock(time, time + absl::Hours(1)), "22:13");
  EXPECT_EQ(Clock(time, time + absl::Hours(2)), "14 Nov, 22:13");
}

}  // namespace
}  // namespace praxis::gateway
