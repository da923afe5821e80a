#include "gateway/stream/attachment.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string FieldsOf(absl::string_view filename) {
  std::string fields;
  AddAttachmentFields(filename, &fields);
  return fields;
}

TEST(SafeMediaTypeTest, KnowsTypesThatRunNothing) {
  EXPECT_EQ(SafeMediaType("application/pdf"), "application/pdf");
  EXPECT_EQ(SafeMediaType("IMAGE/PNG; x=y"), "image/png");
  EXPECT_EQ(SafeMediaType("text/plain;charset=utf-7"), "text/plain");
}

TEST(SafeMediaTypeTest, TakesEverythingElseForBytes) {
  for (absl::string_view type :
       {"", "text/html", "image/svg+xml", "application/xml", "text/xml",
        "application/javascript", "application/x-httpd-php", "x",
        "application/pdf, text/html", "multipart/mixed"}) {
    EXPECT_EQ(SafeMediaType(type), "application/octet-stream") << type;
  }
}

TEST(AddAttachmentFieldsTest, NamesTheFile) {
  EXPECT_EQ(FieldsOf("report 1.pdf"),
            "Content-Disposition: attachment; filename=\"report 1.pdf\"\r\n"
            "Content-Security-Policy: sandbox; default-src 'none'\r\n");
  EXPECT_THAT(FieldsOf(""), StartsWith("Content-Disposition: attachment\r\n"));
}

TEST(AddAttachmentFieldsTest, NamesItTwiceWhenItIsNotAscii) {
  EXPECT_THAT(FieldsOf("naïve.txt"),
              StartsWith("Content-Disposition: attachment; "
                         "filename=\"na__ve.txt\"; "
                         "filename*=UTF-8''na%c3%afve.txt\r\n"));
  EXPECT_THAT(FieldsOf("100%.txt"),
              HasSubstr("filename=\"100_.txt\"; "
                        "filename*=UTF-8''100%25.txt\r\n"));
}

TEST(AddAttachmentFieldsTest, LetsNoNameEscapeItsPlace) {
  EXPECT_THAT(FieldsOf("../a\\b\"c\r\nX: y"),
              StartsWith("Content-Disposition: attachment; "
                         "filename=\".._a_b_c__X: y\"; "
                         "filename*=UTF-8''.._a_b%22c__X%3a%20y\r\n"));
}

}  // namespace
}  // namespace praxis::gateway
