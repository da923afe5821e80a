#include "services/members/domain/attempts.h"

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::members {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// How long a handle stays locked after so many failures at kNow.
absl::Duration LockAfter(int failures) {
  const Attempts attempts = {.failures = failures, .last_failure = kNow};
  const absl::Status verdict = MaySignIn(attempts, kNow);
  if (verdict.ok()) return absl::ZeroDuration();
  EXPECT_THAT(verdict, FailsWith(Reason::RATE_LIMITED));
  const google::rpc::Status sent = ToRpcStatus(verdict);
  for (const auto& detail : sent.details()) {
    google::rpc::RetryInfo retry;
    if (!detail.UnpackTo(&retry)) continue;
    return absl::Seconds(retry.retry_delay().seconds());
  }
  return absl::InfiniteDuration();
}

TEST(AttemptsTest, LocksLongerWithEachFailureAfterTheFourth) {
  EXPECT_EQ(LockAfter(0), absl::ZeroDuration());
  EXPECT_EQ(LockAfter(4), absl::ZeroDuration());
  EXPECT_EQ(LockAfter(5), absl::Seconds(30));
  EXPECT_EQ(LockAfter(6), absl::Minutes(1));
  EXPECT_EQ(LockAfter(9), absl::Minutes(8));
  EXPECT_EQ(LockAfter(10), absl::Minutes(15));
  EXPECT_EQ(LockAfter(1'000'000), absl::Minutes(15));
}

TEST(AttemptsTest, IsReleasedWhenTheTimeIsOver) {
  const Attempts attempts = {.failures = 5, .last_failure = kNow};
  EXPECT_THAT(MaySignIn(attempts, kNow + absl::Seconds(29)),
              FailsWith(Reason::RATE_LIMITED));
  EXPECT_THAT(MaySignIn(attempts, kNow + absl::Seconds(30)), Succeeds());
}

TEST(AttemptsTest, CountsFailuresAndForgetsThemAfterADay) {
  Attempts attempts;
  EXPECT_THAT(MaySignIn(attempts, kNow), Succeeds());
  attempts = AfterFailure(attempts, kNow);
  EXPECT_EQ(attempts.failures, 1);
  attempts = AfterFailure(attempts, kNow + absl::Hours(23));
  EXPECT_EQ(attempts.failures, 2);
  EXPECT_EQ(attempts.last_failure, kNow + absl::Hours(23));
  attempts = AfterFailure(attempts, kNow + absl::Hours(47));
  EXPECT_EQ(attempts.failures, 1);
}

}  // namespace
}  // namespace praxis::members
