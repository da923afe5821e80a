#include "services/common/auth/encoding.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace praxis::auth {
namespace {

TEST(Base64UrlTest, IsThatOfTheRfcWithoutPadding) {
  EXPECT_EQ(Base64Url(""), "");
  EXPECT_EQ(Base64Url("f"), "Zg");
  EXPECT_EQ(Base64Url("fo"), "Zm8");
  EXPECT_EQ(Base64Url("foo"), "Zm9v");
  EXPECT_EQ(Base64Url("\xfb\xff"), "-_8");
}

TEST(FromBase64UrlTest, IsTheWayBack) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(FromBase64Url(Base64Url(bytes)), bytes);
    bytes.push_back(static_cast<char>(i * 7));
  }
}

TEST(FromBase64UrlTest, RefusesWhatBase64UrlDoesNotWrite) {
  for (const char* text : {"Zg==", "Zm8=", "Z", "Zm9vZ", "Zm 9v", "Zm9v\n",
                           "+_8", "-/8", "Zh", "Zm9", "Zm9v!"}) {
    // "Zh" and "Zm9" have bits left over.
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
}

TEST(FromBase64UrlTest, RefusesANulInTheMiddle) {
  EXPECT_EQ(FromBase64Url(absl::string_view("Zm9v\0Zm9v", 9)), std::nullopt);
}

}  // namespace
}  // namespace praxis::auth
