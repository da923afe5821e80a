#include "gateway/transcode/json_unescape.h"

#include <cstdint>
#include <cstdio>
#include <string>

#include "gateway/transcode/text_scan.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

// What a text means, or "bad at N".
std::string Meaning(absl::string_view text) {
  std::string meaning = "left over";
  const char* const failed = UnescapeJson(text, &meaning);
  if (failed == nullptr) return meaning;
  return "bad at " + std::to_string(failed - text.data());
}

std::string UnitEscape(uint32_t unit) {
  char text[7];
  std::snprintf(text, sizeof(text), "\\u%04x", unit);
  return text;
}

TEST(JsonUnescapeTest, ReplacesLetters) {
  EXPECT_EQ(Meaning(""), "");
  EXPECT_EQ(Meaning("plain"), "plain");
  EXPECT_EQ(Meaning(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
}

TEST(JsonUnescapeTest, WritesEveryCharacterAsUtf8) {
  for (uint32_t code = 1; code < 0x110000; code += 0x1f) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const std::string escaped =
        code < 0x10000 ? UnitEscape(code)
                       : UnitEscape(0xd800 + ((code - 0x10000) >> 10)) +
                             UnitEscape(0xdc00 + ((code - 0x10000) & 0x3ff));
    const std::string utf8 = Meaning(escaped);
    ASSERT_TRUE(IsUtf8(utf8.data(), utf8.data() + utf8.size())) << escaped;
    // Decoded again, by the bits of RFC 3629.
    uint32_t decoded = static_cast<uint8_t>(utf8[0]);
    if (utf8.size() > 1) decoded &= 0x7f >> utf8.size();
    for (size_t i = 1; i < utf8.size(); ++i) {
      decoded = decoded << 6 | (utf8[i] & 0x3f);
    }
    ASSERT_EQ(decoded, code);
  }
}

TEST(JsonUnescapeTest, SaysWhereSomethingIsNoEscape) {
  EXPECT_EQ(Meaning(R"(\n\q)"), "bad at 2");
  EXPECT_EQ(Meaning(R"(abc\u12)"), "bad at 3");
  EXPECT_EQ(Meaning(R"(\u12g4)"), "bad at 0");
  EXPECT_EQ(Meaning(R"(\U0041)"), "bad at 0");
  EXPECT_EQ(Meaning(R"(\x41)"), "bad at 0");
  EXPECT_EQ(Meaning(R"(\')"), "bad at 0");
}

TEST(JsonUnescapeTest, RefusesHalvesOfSurrogatePairs) {
  EXPECT_EQ(Meaning(R"(\ud83d\ude00)"), "\xf0\x9f\x98\x80");
  EXPECT_EQ(Meaning(R"(\ud83d)"), "bad at 0");
  EXPECT_EQ(Meaning(R"(\ud83dx)"), "bad at 0");
  EXPECT_EQ(Meaning(R"(\ud83d\n)"), "bad at 0");
  EXPECT_EQ(Meaning(R"(\ud83d\u0041)"), "bad at 0");
  EXPECT_EQ(Meaning(R"(\ud83d\ud83d)"), "bad at 0");
  EXPECT_EQ(Meaning(R"(\ud83d\ude0)"), "bad at 0");
  EXPECT_EQ(Meaning(R"(\ude00\ud83d)"), "bad at 0");
}

}  // namespace
}  // namespace praxis::gateway
