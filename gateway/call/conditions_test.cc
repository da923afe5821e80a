#include "gateway/call/conditions.h"

#include <string>

#include "gateway/testing/library.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

TEST(NamesEtagTest, ComparesWeakly) {
  EXPECT_TRUE(NamesEtag("\"a\"", "a"));
  EXPECT_TRUE(NamesEtag("W/\"a\"", "a"));
  EXPECT_TRUE(NamesEtag("*", "anything"));
  EXPECT_FALSE(NamesEtag("\"b\"", "a"));
  EXPECT_FALSE(NamesEtag("\"aa\"", "a"));
}

TEST(NamesEtagTest, LooksThroughTheWholeList) {
  EXPECT_TRUE(NamesEtag("\"x\", W/\"y\" ,\"a\"", "a"));
  EXPECT_TRUE(NamesEtag("\"a,b\", \"c\"", "a,b"));
  EXPECT_FALSE(NamesEtag("\"a,b\"", "a"));
}

TEST(NamesEtagTest, NamesNothingFromWhereItIsMalformed) {
  for (absl::string_view list : {"", "a", "\"a", "x, \"a\"", "w/\"a\""}) {
    EXPECT_FALSE(NamesEtag(list, "a")) << list;
  }
}

TEST(EntityTagOfTest, NamesWhatIsAnswered) {
  // Begins as SHA-256 of "abc" does (FIPS 180-2, B.1).
  EXPECT_EQ(EntityTagOf("v3", "abc"), "v3.ba7816bf8f01cfea");
  EXPECT_EQ(EntityTagOf("v3", ""), "v3.e3b0c44298fc1c14");
  EXPECT_NE(EntityTagOf("v3", "abd"), EntityTagOf("v3", "abc"));
}

TEST(EtagOfIfMatchTest, LeavesTheDigestOut) {
  EXPECT_EQ(*EtagOfIfMatch("\"v3.ba7816bf8f01cfea\""), "v3");
  EXPECT_EQ(*EtagOfIfMatch("W/\"v3.ba7816bf8f01cfea\""), "v3");
  EXPECT_EQ(*EtagOfIfMatch("\"v3.1\""), "v3.1");
  // Never "", which would be any.
  EXPECT_EQ(*EtagOfIfMatch("\".ba7816bf8f01cfea\""), ".ba7816bf8f01cfea");
}

TEST(EtagOfIfMatchTest, TakesOneTag) {
  EXPECT_EQ(*EtagOfIfMatch("\"v3\""), "v3");
  EXPECT_EQ(*EtagOfIfMatch("W/\"v3\""), "v3");
  EXPECT_EQ(*EtagOfIfMatch("*"), "*");
  for (absl::string_view value :
       {"v3", "W/v3", "w/\"v3\"", "W\"v3\"", "\"v3\",\"v4\"", "\"v3\" ", "\"\"",
        "\"a b\"", ", \"a\"", "\"v3"}) {
    EXPECT_THAT(EtagOfIfMatch(value),
                testing::FailsWith(Reason::HEADER_INVALID))
        << value;
  }
}

TEST(AddEtagTest, LeavesOutWhatIsNoEntityTag) {
  std::string fields;
  AddEtag("v1", &fields);
  EXPECT_EQ(fields, "ETag: \"v1\"\r\n");
  for (absl::string_view value : {"", "a\"b", "a b", "a\r\nb", "\xff"}) {
    fields.clear();
    AddEtag(value, &fields);
    EXPECT_EQ(fields, "") << value;
  }
}

TEST(StringFieldTest, FindsTheLastOfAMessagesFields) {
  testing::library::v1::Book book;
  book.set_name("n");
  book.set_pages(300);
  book.set_etag("v1");
  std::string wire = book.SerializeAsString();
  EXPECT_EQ(StringField(wire, 5), "v1");
  EXPECT_EQ(StringField(wire, 3), "");
  EXPECT_EQ(StringField(wire, 4), "");  // a number
  book.set_etag("v2");
  wire += book.SerializeAsString();
  EXPECT_EQ(StringField(wire, 5), "v2");
  EXPECT_EQ(StringField("\xff\xff", 5), "");
}

}  // namespace
}  // namespace praxis::gateway
