#include "gateway/cache/scopes.h"

#include <memory>

#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

TEST(ScopeOfTest, TakesTheFirstTwoSegments) {
  EXPECT_EQ(ScopeOf("communities/lean"), "communities/lean");
  EXPECT_EQ(ScopeOf("communities/lean/threads/t/posts/p"), "communities/lean");
  EXPECT_EQ(ScopeOf("communities"), "");
  EXPECT_EQ(ScopeOf(""), "");
}

class ScopesTest : public ::testing::Test {
 protected:
  const std::unique_ptr<Scopes> scopes_ = std::make_unique<Scopes>();
};

TEST_F(ScopesTest, TellsWhetherAScopeHasChangedSince) {
  const Scopes::Mark lean = scopes_->MarkOf("communities/lean");
  const Scopes::Mark agile = scopes_->MarkOf("communities/agile");
  EXPECT_TRUE(scopes_->IsStill(lean));
  scopes_->Changed("communities/lean");
  EXPECT_FALSE(scopes_->IsStill(lean));
  EXPECT_TRUE(scopes_->IsStill(agile));
  EXPECT_TRUE(scopes_->IsStill(scopes_->MarkOf("communities/lean")));
  scopes_->EverythingChanged();
  EXPECT_FALSE(scopes_->IsStill(agile));
}

TEST_F(ScopesTest, TellsWhichChangeOfVisibilityAReplyMustKnow) {
  const Scopes::Mark before = scopes_->MarkOf("communities/agile");
  scopes_->VisibilityChanged("communities/lean", 7);
  EXPECT_EQ(before.access, 0);
  EXPECT_EQ(scopes_->MarkOf("communities/lean").access, 7);
  // It may be a list of several scopes.
  EXPECT_EQ(scopes_->MarkOf("communities/agile").access, 7);
  scopes_->StartFrom(3);
  EXPECT_FALSE(scopes_->IsStill(before));
  EXPECT_EQ(scopes_->MarkOf("communities/lean").access, 3);
}

}  // namespace
}  // namespace praxis::gateway
