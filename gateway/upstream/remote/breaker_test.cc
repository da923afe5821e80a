#include "gateway/upstream/remote/breaker.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using testing::FailsWith;
using testing::Succeeds;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class BreakerTest : public ::testing::Test {
 protected:
  bool LetsThrough(absl::Duration after) {
    return breaker_.Pass(kNow + after).ok();
  }
  void Fail(int times, absl::Duration after = absl::ZeroDuration()) {
    for (int i = 0; i < times; ++i) breaker_.Failed(kNow + after);
  }

  Breaker breaker_{{.calls_max = 2,
                    .failures_max = 3,
                    .open = absl::Seconds(1),
                    .open_max = absl::Seconds(3)}};
};

TEST_F(BreakerTest, BoundsTheCallsUnderWay) {
  EXPECT_THAT(breaker_.Enter(), Succeeds());
  EXPECT_THAT(breaker_.Enter(), Succeeds());
  const absl::Status refused = breaker_.Enter();
  EXPECT_THAT(refused, FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_TRUE(refused.GetPayload("type.googleapis.com/google.rpc.RetryInfo")
                  .has_value());
  breaker_.Leave();
  EXPECT_THAT(breaker_.Enter(), Succeeds());
}

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  Fail(2);
  EXPECT_TRUE(LetsThrough(absl::ZeroDuration()));
  Fail(1);
  EXPECT_TRUE(breaker_.is_open());
  EXPECT_THAT(breaker_.Pass(kNow), FailsWith(Reason::BACKEND_UNAVAILABLE));
}

TEST_F(BreakerTest, BeginsToCountAnewWithEveryAnswer) {
  for (int i = 0; i < 5; ++i) {
    Fail(2);
    breaker_.Answered();
  }
  EXPECT_FALSE(breaker_.is_open());
}

TEST_F(BreakerTest, LetsOneThroughToSee) {
  Fail(3);
  EXPECT_FALSE(LetsThrough(absl::Milliseconds(999)));
  EXPECT_TRUE(LetsThrough(absl::Seconds(1)));
  EXPECT_FALSE(LetsThrough(absl::Seconds(1)));
  breaker_.Answered();
  EXPECT_TRUE(LetsThrough(absl::Seconds(1)));
  EXPECT_TRUE(LetsThrough(absl::Seconds(1)));
}

TEST_F(BreakerTest, LetsAnotherThroughWhenThatOneGetsLost) {
  Fail(3);
  EXPECT_TRUE(LetsThrough(absl::Seconds(1)));
  EXPECT_TRUE(LetsThrough(absl::Seconds(2)));
}

TEST_F(BreakerTest, DoesNotStayOpenWhenTheClockIsPutBack) {
  Fail(3);
  EXPECT_TRUE(LetsThrough(-absl::Hours(1)));
}

TEST_F(BreakerTest, WaitsTwiceAsLongEachTimeUpToALimit) {
  Fail(3);
  absl::Duration at = absl::ZeroDuration();
  for (const int wait_s : {1, 2, 3, 3}) {
    const absl::Duration wait = absl::Seconds(wait_s);
    EXPECT_FALSE(LetsThrough(at + wait - absl::Milliseconds(1))) << wait;
    at += wait;
    EXPECT_TRUE(LetsThrough(at)) << wait;
    Fail(1, at);
  }
}

TEST_F(BreakerTest, CountsWhatBeganBeforeItOpenedOnce) {
  Fail(50);
  EXPECT_FALSE(LetsThrough(absl::Milliseconds(999)));
  EXPECT_TRUE(LetsThrough(absl::Seconds(1)));
}

}  // namespace
}  // namespace praxis::gateway
