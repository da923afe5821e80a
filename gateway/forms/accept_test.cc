#include "gateway/forms/accept.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::Optional;

TEST(AcceptTest, WeighsATypeByItsOwnName) {
  EXPECT_THAT(QualityOf("a/b", "a/b"), Optional(1.0));
  EXPECT_THAT(QualityOf("x/y;q=1, A/B ; q=0.25", "a/b"), Optional(0.25));
  EXPECT_THAT(QualityOf("a/b;charset=utf-8;Q=0.5", "a/b"), Optional(0.5));
  EXPECT_THAT(QualityOf("a/b;q=0", "a/b"), Optional(0.0));
  EXPECT_EQ(QualityOf("", "a/b"), std::nullopt);
  EXPECT_EQ(QualityOf("a/*, */*, a/bc", "a/b"), std::nullopt);
}

TEST(AcceptTest, GivesNothingForWeightsThatAreNone) {
  for (const char* weight : {"q=", "q=2", "q=-1", "q=x", "q=1e0", "q=inf"}) {
    EXPECT_THAT(QualityOf(std::string("a/b;") + weight, "a/b"), Optional(0.0))
        << weight;
  }
}

}  // namespace
}  // namespace praxis::gateway
