#include "services/members/domain/member.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::members {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;

TEST(HandleTest, HasTwoTo32LowerCaseLettersAndDigits) {
  for (const std::string& handle :
       {std::string("ada"), std::string("a1"), std::string("0x"),
        std::string("a_b-c"), std::string(32, 'a')}) {
    EXPECT_TRUE(IsHandle(handle)) << handle;
  }
  for (const std::string& handle :
       {std::string(""), std::string("a"), std::string("Ada"),
        std::string("-ada"), std::string("_ada"), std::string("a da"),
        std::string("ad\xc3\xa1"), std::string("ada\n"), std::string("a\0b", 3),
        std::string(33, 'a')}) {
    EXPECT_FALSE(IsHandle(handle)) << handle;
  }
}

TEST(HandleTest, IsKnownByItsLowerCase) {
  EXPECT_EQ(HandleKey("AdA_1"), "ada_1");
}

TEST(EmailTest, TakesWhatMailReaches) {
  for (const char* email : {"ada@example.org", "a.b+c@mail.example.org",
                            "Ada@EXAMPLE.org", "o'hara@example.ie",
                            "x@1and1.de", "zo\xc3\xab@m\xc3\xbcller.example"}) {
    EXPECT_TRUE(IsEmail(email)) << email;
  }
  EXPECT_TRUE(IsEmail(absl::StrCat(std::string(64, 'a'), "@example.org")));
}

TEST(EmailTest, RefusesWhatIsNoAddress) {
  for (const std::string& email :
       {std::string(""),
        std::string("ada"),
        std::string("@example.org"),
        std::string("ada@"),
        std::string("ada@localhost"),
        std::string("a@b@example.org"),
        std::string(".ada@example.org"),
        std::string("a..b@example.org"),
        std::string("ada@.org"),
        std::string("ada@example..org"),
        std::string("ada@example.org."),
        std::string("ada@-example.org"),
        std::string("ada@example-.org"),
        std::string("a da@example.org"),
        std::string("a\tb@example.org"),
        std::string("ada\x01@example.org"),
        std::string("a\0@b.org", 8),
        std::string("<ada@example.org>"),
        std::string("a,b@example.org"),
        std::string("\"ada\"@example.org"),
        std::string("ada@[127.0.0.1]"),
        absl::StrCat(std::string(65, 'a'), "@example.org"),
        absl::StrCat("ada@", std::string(64, 'b'), ".org"),
        absl::StrCat("ada@", std::string(252, 'b'), ".org")}) {
    EXPECT_FALSE(IsEmail(email)) << email;
  }
}

TEST(EmailTest, IsKnownByItsLowerCase) {
  EXPECT_EQ(EmailKey("Ada@Example.ORG"), "ada@example.org");
}

TEST(MayUpdateMemberTest, OnlyThePersonDoes) {
  EXPECT_THAT(MayUpdateMember("ada", "ada"), Succeeds());
  EXPECT_THAT(MayUpdateMember("bob", "ada"), FailsWith(Reason::NOT_AUTHOR));
  EXPECT_THAT(MayUpdateMember("", "ada"), FailsWith(Reason::NOT_AUTHOR));
  EXPECT_THAT(MayUpdateMember("", ""), FailsWith(Reason::NOT_AUTHOR));
}

}  // namespace
}  // namespace praxis::members
