#include "gateway/transcode/number_text.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

TEST(NumberTextTest, EndsWhereTheGrammarEnds) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"0", 1},     {"-0", 2},   {"10", 2},    {"01", 1},      {"1.5", 3},
      {"1e5", 3},   {"1E+5", 4}, {"1e-05", 5}, {"1.25e3,", 6}, {"1x", 1},
      {"", -1},     {"-", -1},   {"+1", -1},   {".5", -1},     {"1.", -1},
      {"1.e5", -1}, {"1e", -1},  {"1e+", -1},  {"NaN", -1},    {"--1", -1},
  };
  for (const auto& [text, length] : cases) {
    const char* const end = SkipNumber(text.data(), text.data() + text.size());
    EXPECT_EQ(end == nullptr ? -1 : end - text.data(), length) << text;
  }
}

TEST(NumberTextTest, ReadsWholeNumbersHoweverWritten) {
  const std::vector<std::pair<std::string, int64_t>> cases = {
      {"0", 0},
      {"-0", 0},
      {"7", 7},
      {"-12", -12},
      {"1.0", 1},
      {"1e2", 100},
      {"1.5e1", 15},
      {"150e-1", 15},
      {"0e999999999", 0},
      {"0.00", 0},
      {"-2.50e+1", -25},
      {"1000000000000e-12", 1},
      {"9223372036854775807", std::numeric_limits<int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<int64_t>::min()},
      {"9223372036854775807.000", std::numeric_limits<int64_t>::max()},
      {"-922337203685477580.8e1", std::numeric_limits<int64_t>::min()},
  };
  for (const auto& [text, expected] : cases) {
    int64_t value = -1;
    EXPECT_TRUE(ParseInt64(text, &value)) << text;
    EXPECT_EQ(value, expected) << text;
  }
}

TEST(NumberTextTest, RefusesWhatIsNoWholeNumberOrOutOfRange) {
  for (const std::string text :
       {"", " 1", "1 ", "+1", "01", "-01", "0x10", "1.5", "1e-1", "0.1e0", "1.",
        "1e400", "1e99999999999999999999", "NaN", "true", "9223372036854775808",
        "-9223372036854775809", "1e19"}) {
    int64_t value;
    EXPECT_FALSE(ParseInt64(text, &value)) << text;
  }
  int32_t small;
  EXPECT_TRUE(ParseInt32("-2147483648", &small));
  EXPECT_FALSE(ParseInt32("2147483648", &small));
  EXPECT_FALSE(ParseInt32("-2147483649", &small));
  uint32_t unsigned_small;
  EXPECT_TRUE(ParseUint32("4294967295", &unsigned_small));
  EXPECT_TRUE(ParseUint32("-0", &unsigned_small));
  EXPECT_FALSE(ParseUint32("4294967296", &unsigned_small));
  EXPECT_FALSE(ParseUint32("-1", &unsigned_small));
  uint64_t unsigned_large;
  EXPECT_TRUE(ParseUint64("18446744073709551615", &unsigned_large));
  EXPECT_FALSE(ParseUint64("18446744073709551616", &unsigned_large));
  EXPECT_FALSE(ParseUint64("-1", &unsigned_large));
}

TEST(NumberTextTest, ReadsRealNumbersCorrectlyRounded) {
  double value;
  EXPECT_TRUE(ParseDouble("0.1", &value));
  EXPECT_EQ(value, 0.1);
  EXPECT_TRUE(ParseDouble("1.7976931348623157e308", &value));
  EXPECT_EQ(value, std::numeric_limits<double>::max());
  EXPECT_TRUE(ParseDouble("5e-324", &value));
  EXPECT_EQ(value, 5e-324);
  EXPECT_TRUE(ParseDouble("-0.0", &value));
  EXPECT_TRUE(std::signbit(value));
  float single;
  EXPECT_TRUE(ParseFloat("16777217", &single));
  EXPECT_EQ(single, 16777216.0f);
}

TEST(NumberTextTest, TakesTooSmallForZeroAndRefusesTooLarge) {
  double value = 1;
  EXPECT_TRUE(ParseDouble("1e-400", &value));
  EXPECT_EQ(value, 0);
  EXPECT_TRUE(ParseDouble("-1e-99999999999", &value));
  EXPECT_TRUE(std::signbit(value));
  EXPECT_TRUE(ParseDouble("0." + std::string(400, '0') + "1", &value));
  EXPECT_EQ(value, 0);
  EXPECT_FALSE(ParseDouble("1e400", &value));
  EXPECT_FALSE(ParseDouble("-1e99999999999", &value));
  EXPECT_FALSE(ParseDouble("1" + std::string(400, '0'), &value));
  float single;
  EXPECT_FALSE(ParseFloat("3.5e38", &single));
  EXPECT_FALSE(ParseFloat("Infinity", &single));
  EXPECT_FALSE(ParseDouble("nan", &value));
  EXPECT_FALSE(ParseDouble("", &value));
}

}  // namespace
}  // namespace praxis::gateway
