#include "services/common/events/lease_view.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::events {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// With the margin, a lease of 10 s is believed in for 11.
constexpr absl::Duration kLease = absl::Seconds(10);

absl::Duration At(double seconds) { return absl::Seconds(seconds); }

TEST(LeaseViewTest, WaitsForNobodyWhereNobodyIs) {
  LeaseView view(kLease);
  view.Observe({}, At(0));
  EXPECT_TRUE(view.Passed(5, At(0)));
}

TEST(LeaseViewTest, WaitsForEveryConsumerToCome) {
  LeaseView view(kLease);
  view.Observe({{"a", 5, 1}, {"b", 4, 1}}, At(0));
  EXPECT_FALSE(view.Passed(5, At(0)));
  view.Observe({{"a", 5, 1}, {"b", 5, 2}}, At(1));
  EXPECT_TRUE(view.Passed(5, At(1)));
  EXPECT_FALSE(view.Passed(6, At(1)));
}

TEST(LeaseViewTest, WaitsForASilentOneUntilItsLeaseIsSurelyOver) {
  LeaseView view(kLease);
  view.Observe({{"a", 4, 1}}, At(100));
  view.Observe({{"a", 4, 1}}, At(110.9));
  EXPECT_FALSE(view.Passed(5, At(111)));
  EXPECT_TRUE(view.Passed(5, At(111.1)));
}

TEST(LeaseViewTest, BelievesInASignOfLifeFromWhenItSeesIt) {
  LeaseView view(kLease);
  view.Observe({{"a", 4, 1}}, At(0));
  view.Observe({{"a", 4, 2}}, At(10));
  EXPECT_FALSE(view.Passed(5, At(21)));
  EXPECT_TRUE(view.Passed(5, At(21.1)));
}

// A process that has just started does not know how old they are.
TEST(LeaseViewTest, TakesWhatItSeesForTheFirstTimeForAlive) {
  LeaseView view(kLease);
  view.Observe({{"a", 4, 77}}, At(1000));
  EXPECT_FALSE(view.Passed(5, At(1000)));
}

TEST(LeaseViewTest, TellsWhoHasLongBeenGone) {
  LeaseView view(kLease);
  view.Observe({{"a", 4, 1}}, At(0));
  EXPECT_THAT(view.Lapsed(absl::Seconds(60), At(71)), IsEmpty());
  EXPECT_THAT(view.Lapsed(absl::Seconds(60), At(71.1)), SizeIs(1));
}

TEST(LeaseViewTest, ForgetsWhoIsNotThereAnyMore) {
  LeaseView view(kLease);
  view.Observe({{"a", 4, 1}}, At(0));
  view.Observe({}, At(1));
  EXPECT_TRUE(view.Passed(5, At(1)));
}

}  // namespace
}  // namespace praxis::events
