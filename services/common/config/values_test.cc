#include "services/common/config/values.h"

#include <optional>

#include "gtest/gtest.h"

namespace praxis::config {
namespace {

TEST(ParseBoolTest, KnowsTheUsualWords) {
  for (const char* yes : {"true", "1", "yes", "on"}) {
    EXPECT_EQ(ParseBool(yes), true) << yes;
  }
  for (const char* no : {"false", "0", "no", "off"}) {
    EXPECT_EQ(ParseBool(no), false) << no;
  }
  for (const char* neither : {"", "True", "2", "y"}) {
    EXPECT_EQ(ParseBool(neither), std::nullopt) << neither;
  }
}

TEST(ParseBytesTest, KnowsUnits) {
  EXPECT_EQ(ParseBytes("0"), 0);
  EXPECT_EQ(ParseBytes("512"), 512);
  EXPECT_EQ(ParseBytes("64KiB"), 64 << 10);
  EXPECT_EQ(ParseBytes("1GiB"), 1 << 30);
  EXPECT_EQ(ParseBytes("2TiB"), int64_t{2} << 40);
  EXPECT_EQ(ParseBytes("3kB"), 3'000);
  EXPECT_EQ(ParseBytes("10MB"), 10'000'000);
}

TEST(ParseBytesTest, RefusesEverythingElse) {
  for (const char* text :
       {"", "MiB", "-1", "+1", "1.5GiB", "1 GiB", "1gib", "1K", "0x10",
        "9223372036854775808", "9000000000000TiB"}) {
    EXPECT_EQ(ParseBytes(text), std::nullopt) << text;
  }
}

TEST(BytesTextTest, IsReadBack) {
  EXPECT_EQ(BytesText(0), "0");
  EXPECT_EQ(BytesText(1000), "1000");
  EXPECT_EQ(BytesText(1 << 20), "1MiB");
  EXPECT_EQ(BytesText(1536), "1536");
  EXPECT_EQ(BytesText(int64_t{3} << 30), "3GiB");
  for (const int64_t bytes : {int64_t{7}, int64_t{5} << 40, int64_t{1} << 62}) {
    EXPECT_EQ(ParseBytes(BytesText(bytes)), bytes);
  }
}

TEST(ParseDurationTest, IsNeitherNegativeNorEndless) {
  EXPECT_EQ(ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(ParseDuration("100ms"), absl::Milliseconds(100));
  EXPECT_EQ(ParseDuration("0"), absl::ZeroDuration());
  for (const char* text : {"", "5", "-1s", "inf", "1d", "s"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(IsAddressTest, AsksForAPort) {
  for (const char* address : {"127.0.0.1:8080", "localhost:0", "[::1]:8080",
                              ":8080", "members.praxis.svc:65535"}) {
    EXPECT_TRUE(IsAddress(address)) << address;
  }
  for (const char* text : {"", "localhost", "localhost:", "localhost:http",
                           "localhost:65536", "localhost:-1", "::1:8080",
                           "[]:8080", "http://localhost:8080", "a b:1"}) {
    EXPECT_FALSE(IsAddress(text)) << text;
  }
}

TEST(IsAddressListTest, TakesOneAddressOrSeveralOfIpv4) {
  for (const char* list :
       {"localhost:1", "[::1]:8080", "127.0.0.1:8091,10.0.0.2:9091"}) {
    EXPECT_TRUE(IsAddressList(list)) << list;
  }
  for (const char* text :
       {"", "localhost", "localhost:1,localhost:2", "127.0.0.1:1,[::1]:2",
        "127.0.0.1:1,", ",127.0.0.1:1", "127.0.0.1:1, 127.0.0.1:2",
        "127.0.0.1:1,127.0.0.1"}) {
    EXPECT_FALSE(IsAddressList(text)) << text;
  }
}

TEST(MaskPasswordsTest, CoversThoseOfUrls) {
  EXPECT_EQ(MaskPasswords("redis://user:secret@host:6379/0"),
            "redis://user:***@host:6379/0");
  EXPECT_EQ(MaskPasswords("redis://:s:e@c@host"), "redis://:***@host");
  EXPECT_EQ(MaskPasswords("a://u:p@h,b://u:q@h"), "a://u:***@h,b://u:***@h");
}

TEST(MaskPasswordsTest, CoversThoseOfLibpq) {
  EXPECT_EQ(MaskPasswords("host=h password=secret dbname=d"),
            "host=h password=*** dbname=d");
  EXPECT_EQ(MaskPasswords("password='a secret' host=h"), "password=*** host=h");
  EXPECT_EQ(MaskPasswords("password='a secr"), "password=***");
  EXPECT_EQ(MaskPasswords("postgresql://h/d?password=secret&user=u"),
            "postgresql://h/d?password=***&user=u");
}

TEST(MaskPasswordsTest, LeavesTheRestAlone) {
  for (const char* text :
       {"", "127.0.0.1:8080", "redis://host:6379", "redis://user@host:6379",
        "/a/path@x:y", "https://host/a:b@c"}) {
    EXPECT_EQ(MaskPasswords(text), text);
  }
}

TEST(EditDistanceTest, CountsSingleChanges) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("port", "port"), 0);
  EXPECT_EQ(EditDistance("", "port"), 4);
  EXPECT_EQ(EditDistance("prot", "port"), 2);
  EXPECT_EQ(EditDistance("pot", "port"), 1);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
}

}  // namespace
}  // namespace praxis::config
