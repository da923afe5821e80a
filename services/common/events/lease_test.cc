#include "services/common/events/lease.h"

#include "gtest/gtest.h"

namespace praxis::events {
namespace {

constexpr absl::Duration kLength = absl::Seconds(3);

absl::Duration At(double seconds) { return absl::Seconds(seconds); }

TEST(LeaseTest, HoldsNothingAtFirst) {
  EXPECT_FALSE(Lease().Holds(At(0), 100));
}

TEST(LeaseTest, BeginsOnceAllIsAppliedThatTheSourceHad) {
  Lease lease;
  lease.Granted(At(10), At(10.2), kLength, 7);
  EXPECT_FALSE(lease.Holds(At(10.2), 6));
  EXPECT_TRUE(lease.Holds(At(10.2), 7));
}

TEST(LeaseTest, CountsFromBeforeItWasAskedFor) {
  Lease lease;
  lease.Granted(At(10), At(12), kLength, 0);
  EXPECT_TRUE(lease.Holds(At(13), 0));
  EXPECT_FALSE(lease.Holds(At(13.1), 0));
}

// Whoever takes access away waits for a consumer without a pause, so it need
// not have applied what came since.
TEST(LeaseTest, GoesOnWithoutCatchingUpWhenItIsRenewedInTime) {
  Lease lease;
  lease.Granted(At(10), At(10), kLength, 7);
  lease.Granted(At(11), At(12.9), kLength, 9);
  EXPECT_TRUE(lease.Holds(At(13.5), 7));
}

TEST(LeaseTest, BeginsAnewWhenTheAnswerCameTooLate) {
  Lease lease;
  lease.Granted(At(10), At(10), kLength, 7);
  lease.Granted(At(12.9), At(13.1), kLength, 9);
  EXPECT_FALSE(lease.Holds(At(13.1), 8));
  EXPECT_TRUE(lease.Holds(At(13.1), 9));
}

}  // namespace
}  // namespace praxis::events
