#include "gateway/routes/percent.h"

#include <string>

#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

std::string Decoded(absl::string_view text, Percent percent) {
  std::string out = "<";
  return AppendDecoded(text, percent, &out) ? out : "none";
}

TEST(PercentTest, DecodesEveryByte) {
  EXPECT_EQ(Decoded("", Percent::kAll), "<");
  EXPECT_EQ(Decoded("a+b", Percent::kAll), "<a+b");
  EXPECT_EQ(Decoded("%41%2f%2F%7e", Percent::kAll), "<A//~");
  EXPECT_EQ(Decoded("%c3%A9%00", Percent::kAll), std::string("<\xc3\xa9\0", 4));
  EXPECT_EQ(Decoded("%2541", Percent::kAll), "<%41");
}

TEST(PercentTest, LeavesReservedCharactersEncodedWithinPaths) {
  EXPECT_EQ(Decoded("%41%2F%2f%3a%2A%20%25", Percent::kAllButReserved),
            "<A%2F%2f%3a%2A %");
  EXPECT_EQ(Decoded("a:b*c+d", Percent::kAllButReserved), "<a:b*c+d");
}

TEST(PercentTest, TakesPlusForASpaceInForms) {
  EXPECT_EQ(Decoded("a+b%2Bc%20d", Percent::kForm), "<a b+c d");
}

TEST(PercentTest, RefusesHalfAnEncoding) {
  for (const std::string text :
       {"%", "a%", "%4", "%4g", "%g4", "%%41", "% 1"}) {
    for (const Percent percent :
         {Percent::kAll, Percent::kAllButReserved, Percent::kForm}) {
      EXPECT_EQ(Decoded(text, percent), "none") << text;
    }
  }
}

}  // namespace
}  // namespace praxis::gateway
