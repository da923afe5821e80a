#include "gateway/transcode/json_text.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

std::string Quoted(absl::string_view text) {
  AppendBuffer out(0);
  if (!AppendJsonString(text, text.end(), &out)) return "not UTF-8";
  return std::string(out.view());
}

template <typename Float>
std::string FloatText(Float value) {
  AppendBuffer out(0);
  AppendFloat(value, &out);
  return std::string(out.view());
}

TEST(JsonTextTest, EscapesWhatJsonAndHtmlNeed) {
  EXPECT_EQ(Quoted(""), R"("")");
  EXPECT_EQ(Quoted("plain"), R"("plain")");
  EXPECT_EQ(Quoted("\"\\/\b\f\n\r\t"), R"("\"\\/\b\f\n\r\t")");
  EXPECT_EQ(Quoted(absl::string_view("\0\x01\x1f", 3)),
            R"("\u0000\u0001\u001f")");
  EXPECT_EQ(Quoted("</script>&'"), R"("\u003c/script\u003e&'")");
}

TEST(JsonTextTest, WritesOtherCharactersAsTheyAre) {
  const std::string text =
      "\x7f \xc3\xa9 \xc2\xad \xe2\x80\xa8 \xef\xbb\xbf \xf0\x9f\x98\x80";
  EXPECT_EQ(Quoted(text), "\"" + text + "\"");
}

TEST(JsonTextTest, EscapesAtEveryPlaceOfALongText) {
  for (size_t place = 0; place < 70; ++place) {
    std::string text(70, 'x');
    text[place] = '\n';
    EXPECT_EQ(Quoted(text), "\"" + std::string(place, 'x') + "\\n" +
                                std::string(69 - place, 'x') + "\"");
    text[place] = '\xff';
    EXPECT_EQ(Quoted(text), "not UTF-8");
  }
}

TEST(JsonTextTest, GrowsWhenEverythingIsEscaped) {
  const std::string text(10000, '\x01');
  std::string expected = "\"";
  for (int i = 0; i < 10000; ++i) expected += "\\u0001";
  EXPECT_EQ(Quoted(text), expected + "\"");
}

TEST(JsonTextTest, WritesTheShortestNumberThatReadsBack) {
  EXPECT_EQ(FloatText(0.0), "0");
  EXPECT_EQ(FloatText(-0.0), "-0");
  EXPECT_EQ(FloatText(1.0), "1");
  EXPECT_EQ(FloatText(-1000000.0), "-1000000");
  EXPECT_EQ(FloatText(123456789012345.0), "123456789012345");
  EXPECT_EQ(FloatText(0.1), "0.1");
  EXPECT_EQ(FloatText(0.1f), "0.1");
  EXPECT_EQ(FloatText(1e300), "1e+300");
  EXPECT_EQ(FloatText(5e-324), "5e-324");
  EXPECT_EQ(FloatText(std::numeric_limits<float>::max()), "3.4028235e+38");
  EXPECT_EQ(FloatText(std::numeric_limits<double>::infinity()),
            R"("Infinity")");
  EXPECT_EQ(FloatText(-std::numeric_limits<float>::infinity()),
            R"("-Infinity")");
  EXPECT_EQ(FloatText(std::numeric_limits<double>::quiet_NaN()), R"("NaN")");
}

TEST(JsonTextTest, WritesIntegersToTheirLimits) {
  AppendBuffer out(0);
  AppendInteger(std::numeric_limits<int32_t>::min(), &out);
  AppendQuotedInteger(std::numeric_limits<int64_t>::min(), &out);
  AppendQuotedInteger(std::numeric_limits<uint64_t>::max(), &out);
  EXPECT_EQ(out.view(),
            R"(-2147483648"-9223372036854775808""18446744073709551615")");
}

TEST(JsonTextTest, WritesBase64WithPadding) {
  AppendBuffer out(0);
  AppendBase64("\xfb\xff\xfe", &out);
  AppendBase64("a", &out);
  AppendBase64("", &out);
  EXPECT_EQ(out.view(), R"("+//+""YQ==""")");
}

}  // namespace
}  // namespace praxis::gateway
