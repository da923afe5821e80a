#include "services/common/rpc/etag.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using praxis::testing::FailsWith;
using praxis::testing::Succeeds;

TEST(CheckEtagTest, AcceptsTheCurrentOneAndNone) {
  EXPECT_THAT(CheckEtag(EtagOf(7), 7), Succeeds());
  EXPECT_THAT(CheckEtag("", 7), Succeeds());
  EXPECT_THAT(CheckEtag("*", 7), Succeeds());
}

TEST(CheckEtagTest, RefusesEveryOther) {
  for (const std::string& etag : {EtagOf(6), EtagOf(8), std::string("7")}) {
    EXPECT_THAT(CheckEtag(etag, 7), FailsWith(Reason::ETAG_MISMATCH));
  }
}

}  // namespace
}  // namespace praxis::rpc
