#include "gateway/http/address.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using testing::Succeeds;

TEST(AddressTest, CountsAHouseholdOfIpv6AsOneClient) {
  EXPECT_EQ(NetworkOf("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(NetworkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(NetworkOf("2001:db8:1:2::"), NetworkOf("2001:db8:1:2:ffff::1"));
  EXPECT_NE(NetworkOf("2001:db8:1:2::"), NetworkOf("2001:db8:1:3::"));
  EXPECT_EQ(NetworkOf("?"), "?");
}

TEST(AddressTest, KnowsAnIpv4AddressInAnIpv6Socket) {
  EXPECT_EQ(CanonicalAddress("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(CanonicalAddress("2001:DB8::0001"), "2001:db8::1");
  EXPECT_EQ(CanonicalAddress("192.0.2"), "");
  EXPECT_EQ(CanonicalAddress(""), "");
}

TEST(TrustedProxiesTest, AreNoneUnlessNamed) {
  EXPECT_FALSE(TrustedProxies().Include("127.0.0.1"));
  const auto none = TrustedProxies::Parse(" , ");
  ASSERT_THAT(none, Succeeds());
  EXPECT_FALSE(none->Include("127.0.0.1"));
}

TEST(TrustedProxiesTest, AreAddressesAndNetworks) {
  const auto proxies =
      TrustedProxies::Parse("10.1.0.0/16, 192.0.2.7,2001:db8::/33, ::1");
  ASSERT_THAT(proxies, Succeeds());
  for (const char* inside : {"10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3",
                             "192.0.2.7", "2001:db8:7fff::1", "::1"}) {
    EXPECT_TRUE(proxies->Include(inside)) << inside;
  }
  for (const char* outside :
       {"10.2.0.0", "10.0.255.255", "192.0.2.8", "2001:db8:8000::1", "::2",
        "::a01:1", "0.0.0.1", "", "localhost"}) {
    EXPECT_FALSE(proxies->Include(outside)) << outside;
  }
  EXPECT_TRUE(TrustedProxies::Parse("0.0.0.0/0")->Include("203.0.113.9"));
  EXPECT_FALSE(TrustedProxies::Parse("0.0.0.0/0")->Include("2001:db8::1"));
}

TEST(TrustedProxiesTest, NameWhatIsWrong) {
  for (const char* wrong : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/",
                            "10.0.0/8", "example.org", "::/129", "::1/x"}) {
    const auto proxies = TrustedProxies::Parse(wrong);
    EXPECT_EQ(proxies.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(proxies.status().message()),
                ::testing::HasSubstr(wrong));
  }
}

// What a client writes itself stands before what the first proxy adds.
TEST(TrustedProxiesTest, TellTheClientByTheLastThatIsNoProxy) {
  const auto proxies = TrustedProxies::Parse("10.0.0.0/8");
  ASSERT_THAT(proxies, Succeeds());
  const auto client = [&](absl::string_view forwarded_for) {
    return proxies->ClientOf("10.0.0.1", forwarded_for);
  };
  EXPECT_EQ(client(""), "10.0.0.1");
  EXPECT_EQ(client("203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client("192.0.2.66, 203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client("10.9.9.9, 203.0.113.9,10.0.0.2 , 10.0.0.3"), "203.0.113.9");
  EXPECT_EQ(client("10.0.0.3, 10.0.0.2"), "10.0.0.3");
  EXPECT_EQ(client("203.0.113.9:4711"), "203.0.113.9");
  EXPECT_EQ(client("[2001:db8::1]:4711"), "2001:db8::1");
  EXPECT_EQ(client("2001:db8::1"), "2001:db8::1");
  // Nothing before a word that is no address can be believed.
  EXPECT_EQ(client("203.0.113.9, unknown"), "10.0.0.1");
  EXPECT_EQ(client("203.0.113.9, unknown, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client(","), "10.0.0.1");
  // From someone else no word is believed.
  EXPECT_EQ(proxies->ClientOf("198.51.100.1", "203.0.113.9"), "198.51.100.1");
}

}  // namespace
}  // namespace praxis::gateway
