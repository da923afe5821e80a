#include "services/common/auth/principal.h"

#include <string>

#include "gtest/gtest.h"

namespace praxis::auth {
namespace {

TEST(PrincipalTest, IsAnyoneUnlessNamed) {
  EXPECT_FALSE(Principal().signed_in());
  EXPECT_FALSE(Principal().is_service());
  EXPECT_TRUE(Principal{.name = "members/ada"}.signed_in());
  EXPECT_FALSE(Principal{.name = "members/ada"}.is_service());
  EXPECT_TRUE(Principal{.name = "services/members"}.is_service());
}

TEST(IsPrincipalNameTest, TakesPeopleAndServices) {
  EXPECT_TRUE(IsPrincipalName("members/01jgx2t9vkq6e8w4z3m5n7p9r1"));
  EXPECT_TRUE(IsPrincipalName("services/discussions"));
  EXPECT_TRUE(IsPrincipalName("members/" + std::string(64, 'a')));
}

TEST(IsPrincipalNameTest, RefusesEverythingElse) {
  for (const std::string& name :
       {std::string(), std::string("members"), std::string("members/"),
        std::string("members/Ada"), std::string("members/a/b"),
        std::string("members/a b"), std::string("members/\0", 9),
        std::string("members/.."), std::string("communities/lean"),
        std::string("xmembers/ada"), "members/" + std::string(65, 'a')}) {
    EXPECT_FALSE(IsPrincipalName(name)) << name;
  }
}

}  // namespace
}  // namespace praxis::auth
