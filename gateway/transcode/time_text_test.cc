#include "gateway/transcode/time_text.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

std::string TimestampText(int64_t seconds, int32_t nanos = 0) {
  char text[kTimeTextSize];
  const char* const end = PutTimestamp({seconds, nanos}, text);
  return end == nullptr ? "none" : std::string(text, end - text);
}

std::string DurationText(int64_t seconds, int32_t nanos = 0) {
  char text[kTimeTextSize];
  const char* const end = PutDuration({seconds, nanos}, text);
  return end == nullptr ? "none" : std::string(text, end - text);
}

TEST(TimeTextTest, WritesTimestampsWithAsManyDigitsAsItTakes) {
  EXPECT_EQ(TimestampText(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(TimestampText(1709210096, 500000000), "2024-02-29T12:34:56.500Z");
  EXPECT_EQ(TimestampText(0, 1000), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(TimestampText(0, 1), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(TimestampText(-1, 999999999), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(TimestampText(-62135596800), "0001-01-01T00:00:00Z");
  EXPECT_EQ(TimestampText(253402300799), "9999-12-31T23:59:59Z");
}

TEST(TimeTextTest, AgreesWithTheCalendarOnEveryDayOfEightCenturies) {
  const absl::CivilDay epoch(1970, 1, 1);
  const absl::CivilDay last(2400, 12, 31);
  for (absl::CivilDay day(1600, 1, 1); day <= last; ++day) {
    const int64_t seconds = (day - epoch) * 86400 + 86399;
    const std::string text = absl::FormatCivilTime(day) + "T23:59:59Z";
    ASSERT_EQ(TimestampText(seconds), text);
    SecondsNanos time;
    ASSERT_TRUE(ParseTimestamp(text, &time)) << text;
    ASSERT_EQ(time.seconds, seconds) << text;
  }
}

TEST(TimeTextTest, HasNoTextForTimesOutOfRange) {
  EXPECT_EQ(TimestampText(-62135596801), "none");
  EXPECT_EQ(TimestampText(253402300800), "none");
  EXPECT_EQ(TimestampText(0, -1), "none");
  EXPECT_EQ(TimestampText(0, 1000000000), "none");
  EXPECT_EQ(DurationText(315576000001), "none");
  EXPECT_EQ(DurationText(-315576000001), "none");
  EXPECT_EQ(DurationText(1, -1), "none");
  EXPECT_EQ(DurationText(-1, 1), "none");
  EXPECT_EQ(DurationText(0, 1000000000), "none");
}

TEST(TimeTextTest, ReadsTimestampsWithFractionsAndOffsets) {
  SecondsNanos time;
  ASSERT_TRUE(ParseTimestamp("2024-02-29T12:34:56.5Z", &time));
  EXPECT_EQ(time.seconds, 1709210096);
  EXPECT_EQ(time.nanos, 500000000);
  ASSERT_TRUE(ParseTimestamp("2024-02-29T14:34:56.000000001+02:00", &time));
  EXPECT_EQ(time.seconds, 1709210096);
  EXPECT_EQ(time.nanos, 1);
  ASSERT_TRUE(ParseTimestamp("2024-02-28T23:59:56-12:35", &time));
  EXPECT_EQ(time.seconds, 1709210096);
  EXPECT_EQ(time.nanos, 0);
}

TEST(TimeTextTest, RefusesOtherTimestamps) {
  for (const std::string text : {"",
                                 "2024-02-29",
                                 "2024-02-29T12:34:56",
                                 "2024-02-29t12:34:56Z",
                                 "2024-02-29T12:34:56z",
                                 "2024-02-29 12:34:56Z",
                                 "2023-02-29T00:00:00Z",
                                 "1900-02-29T00:00:00Z",
                                 "2024-04-31T00:00:00Z",
                                 "2024-00-01T00:00:00Z",
                                 "2024-13-01T00:00:00Z",
                                 "2024-01-00T00:00:00Z",
                                 "2024-01-32T00:00:00Z",
                                 "2024-01-01T24:00:00Z",
                                 "2024-01-01T00:60:00Z",
                                 "2024-01-01T00:00:60Z",
                                 "2024-01-01T00:00:00.Z",
                                 "2024-01-01T00:00:00.1234567890Z",
                                 "2024-01-01T00:00:00+24:00",
                                 "2024-01-01T00:00:00+0100",
                                 "2024-01-01T00:00:00+01:60",
                                 "2024-01-01T00:00:00ZZ",
                                 "2024-01-01T00:00:00*01:00",
                                 "0000-01-01T00:00:00Z",
                                 "0001-01-01T00:00:00+00:01",
                                 "9999-12-31T23:59:59-00:01",
                                 "+024-01-01T00:00:00Z",
                                 "2024-1 -01T00:00:00Z",
                                 "20 4-01-01T00:00:00Z",
                                 "2024-01-01T00:00:00.5"}) {
    SecondsNanos time;
    EXPECT_FALSE(ParseTimestamp(text, &time)) << text;
  }
}

TEST(TimeTextTest, WritesAndReadsDurations) {
  const struct {
    int64_t seconds;
    int32_t nanos;
    std::string text;
  } cases[] = {
      {0, 0, "0s"},
      {1, 0, "1s"},
      {0, -500000000, "-0.500s"},
      {-1, -1000, "-1.000001s"},
      {3, 1, "3.000000001s"},
      {315576000000, 0, "315576000000s"},
      {-315576000000, 0, "-315576000000s"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(DurationText(c.seconds, c.nanos), c.text);
    SecondsNanos time;
    ASSERT_TRUE(ParseDuration(c.text, &time)) << c.text;
    EXPECT_EQ(time.seconds, c.seconds);
    EXPECT_EQ(time.nanos, c.nanos);
  }
}

TEST(TimeTextTest, RefusesOtherDurations) {
  for (const std::string text :
       {"", "s", "1", "1S", "1.s", ".5s", "-s", "--1s", "+1s", "1.0000000001s",
        "1e3s", " 1s", "1s ", "315576000001s", "315576000000.1s",
        "99999999999999999999s", "1m"}) {
    SecondsNanos time;
    EXPECT_FALSE(ParseDuration(text, &time)) << text;
  }
}

}  // namespace
}  // namespace praxis::gateway
