#include "services/common/telemetry/json.h"

#include <string>

#include "gtest/gtest.h"

namespace praxis::telemetry {
namespace {

std::string Quoted(absl::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

TEST(AppendJsonStringTest, KeepsTextAsItIs) {
  EXPECT_EQ(Quoted(""), "\"\"");
  EXPECT_EQ(Quoted("plain text"), "\"plain text\"");
  EXPECT_EQ(Quoted("Zoë · 練習 · 🦉"), "\"Zoë · 練習 · 🦉\"");
}

TEST(AppendJsonStringTest, EscapesWhatWouldEndTheStringOrTheLine) {
  EXPECT_EQ(Quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Quoted("a\nb\tc\rd"), R"("a\nb\tc\u000dd")");
  EXPECT_EQ(Quoted(absl::string_view("\0\x1f\x7f", 3)),
            R"("\u0000\u001f\u007f")");
}

TEST(AppendJsonStringTest, ReplacesWhatIsNotUtf8) {
  const std::string bad = "\"\xef\xbf\xbd\"";
  EXPECT_EQ(Quoted("\x80"), bad);
  EXPECT_EQ(Quoted("\xff"), bad);
  EXPECT_EQ(Quoted("\xc3"), bad) << "cut short";
  const auto times = [](int count) {
    std::string out = "\"";
    for (int i = 0; i < count; ++i) out += "\xef\xbf\xbd";
    return out + "\"";
  };
  EXPECT_EQ(Quoted("\xc0\xaf"), times(2)) << "not the shortest form";
  EXPECT_EQ(Quoted("\xe0\x80\xaf"), times(3)) << "not the shortest form";
  EXPECT_EQ(Quoted("\xed\xa0\x80"), times(3)) << "a surrogate";
  EXPECT_EQ(Quoted("\xf0\x80\x80\x80"), times(4)) << "not the shortest form";
  EXPECT_EQ(Quoted("\xf4\x90\x80\x80"), times(4)) << "above U+10FFFF";
  EXPECT_EQ(Quoted("\xe2\x28\xa1"), "\"\xef\xbf\xbd(\xef\xbf\xbd\"");
}

// Every byte alone, and in the middle of text.
TEST(AppendJsonStringTest, NeverLetsAControlCharacterOrABadByteThrough) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = {'a', static_cast<char>(byte), 'b'};
    const std::string quoted = Quoted(text);
    EXPECT_EQ(quoted.substr(0, 2), "\"a") << byte;
    EXPECT_EQ(quoted.substr(quoted.size() - 2), "b\"") << byte;
    for (const unsigned char c : quoted) EXPECT_GE(c, 0x20) << byte;
    if (byte >= 0x80) {
      EXPECT_EQ(quoted,
                "\"a\xef\xbf\xbd"
                "b\"")
          << byte;
    }
  }
}

}  // namespace
}  // namespace praxis::telemetry
