#include "gateway/transcode/text_scan.h"

#include <string>

#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

TEST(TextScanTest, AgreesWithByteByByteAtEveryPlaceForEveryByte) {
  for (int value = 0; value < 256; ++value) {
    for (int place = 0; place < 40; ++place) {
      std::string text(40, 'a');
      text[place] = static_cast<char>(value);
      const char* const end = text.data() + text.size();
      const bool json = IsPlain<Plain::kJson>(text[place]);
      EXPECT_EQ(SkipPlain(text.data(), end) - text.data(), json ? 40 : place);

      char out[40 + TextBlock::kSize];
      const bool html = IsPlain<Plain::kHtml>(text[place]);
      const char* from = text.data();
      const char* to = CopyPlain(&from, end, end, out);
      EXPECT_EQ(from - text.data(), html ? 40 : place);
      EXPECT_EQ(std::string(out, to - out), text.substr(0, html ? 40 : place));
    }
  }
}

TEST(TextScanTest, StopsAtTheEndOfATextThatMoreFollows) {
  const std::string memory = "plain\"and more behind it, to be read not copied";
  for (size_t size = 0; size <= 5; ++size) {
    char out[64];
    const char* from = memory.data();
    const char* to = CopyPlain(&from, memory.data() + size,
                               memory.data() + memory.size(), out);
    EXPECT_EQ(std::string(out, to - out), memory.substr(0, size));
  }
}

int LengthOf(const std::string& text) {
  return Utf8Length(text.data(), text.data() + text.size());
}

TEST(TextScanTest, AcceptsTheEdgesOfUtf8) {
  EXPECT_EQ(LengthOf("\xc2\x80"), 2);          // U+0080
  EXPECT_EQ(LengthOf("\xdf\xbf"), 2);          // U+07FF
  EXPECT_EQ(LengthOf("\xe0\xa0\x80"), 3);      // U+0800
  EXPECT_EQ(LengthOf("\xed\x9f\xbf"), 3);      // U+D7FF
  EXPECT_EQ(LengthOf("\xee\x80\x80"), 3);      // U+E000
  EXPECT_EQ(LengthOf("\xef\xbf\xbf"), 3);      // U+FFFF
  EXPECT_EQ(LengthOf("\xf0\x90\x80\x80"), 4);  // U+10000
  EXPECT_EQ(LengthOf("\xf4\x8f\xbf\xbf"), 4);  // U+10FFFF
}

TEST(TextScanTest, RefusesWhatIsNotUtf8) {
  for (const std::string text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2x", "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xe2\x82", "\xe2\x82x", "\xe2x\x82",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xf0\x9f\x98", "\xf0\x9f\x98x", "\xfe", "\xff"}) {
    EXPECT_EQ(LengthOf(text), 0) << ::testing::PrintToString(text);
    const std::string within = "ok" + text + "ok";
    EXPECT_FALSE(IsUtf8(within.data(), within.data() + within.size()));
  }
}

}  // namespace
}  // namespace praxis::gateway
