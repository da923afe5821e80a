#include "services/members/handlers/token_issuer.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::members {
namespace {

class TokenIssuerTest : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  std::unique_ptr<auth::TokenSigner> signer_ = *auth::TokenSigner::Open(
      absl::StrCat(folder_.path(), "/key.pem"), auth::TokenRules{});
  auth::Sealer sealer_ = auth::Sealer::Random();
  TokenIssuer issuer_{*signer_, sealer_};
};

TEST_F(TokenIssuerTest, OpensTheRefreshTokensItMakes) {
  const std::string token =
      issuer_.RefreshToken({.member = "ada", .session = "s1"});
  const auto ids = issuer_.OpenRefreshToken(token);
  ASSERT_TRUE(ids.has_value());
  EXPECT_EQ(ids->member, "ada");
  EXPECT_EQ(ids->session, "s1");
  EXPECT_FALSE(issuer_.OpenRefreshToken("").has_value());
  EXPECT_FALSE(issuer_.OpenRefreshToken("ada/s1/x").has_value());
}

TEST_F(TokenIssuerTest, MakesEachRefreshTokenAnew) {
  EXPECT_NE(issuer_.RefreshToken({.member = "ada", .session = "s1"}),
            issuer_.RefreshToken({.member = "ada", .session = "s1"}));
}

// The contract of RefreshSession takes 256 characters.
TEST_F(TokenIssuerTest, MakesRefreshTokensThatFitTheContract) {
  const std::string id(26, 'z');
  EXPECT_LE(issuer_.RefreshToken({.member = id, .session = id}).size(), 256u);
}

}  // namespace
}  // namespace praxis::members
