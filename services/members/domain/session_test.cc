#include "services/members/domain/session.h"

#include "gtest/gtest.h"

namespace praxis::members {
namespace {

// Begun at kStart with the token "one".
class SessionTest : public ::testing::Test {
 protected:
  const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);
  const Session session_ = Begin("ada", "s1", "one", kStart);

  Session Rotated(const Session& session, absl::string_view hash,
                  absl::Time now) {
    return Refreshed(session, RefreshVerdict::kRotate, hash, now);
  }
};

TEST_F(SessionTest, LastsThirtyDays) {
  EXPECT_EQ(session_.expire_time, kStart + absl::Hours(720));
  const absl::Time end = session_.expire_time;
  EXPECT_EQ(Judge(session_, "one", end - absl::Microseconds(1)),
            RefreshVerdict::kRotate);
  EXPECT_EQ(Judge(session_, "one", end), RefreshVerdict::kExpired);
  EXPECT_EQ(Judge(session_, "other", end), RefreshVerdict::kExpired);
}

TEST_F(SessionTest, IsNotMadeLongerByRefreshing) {
  const Session later =
      Rotated(session_, "two", session_.expire_time - absl::Seconds(1));
  EXPECT_EQ(later.expire_time, session_.expire_time);
  EXPECT_EQ(later.create_time, kStart);
}

TEST_F(SessionTest, RotatesTheTokenAtEachUse) {
  const Session second = Rotated(session_, "two", kStart + absl::Minutes(9));
  EXPECT_EQ(Judge(second, "two", kStart + absl::Minutes(18)),
            RefreshVerdict::kRotate);
  const Session third = Rotated(second, "three", kStart + absl::Minutes(18));
  EXPECT_EQ(third.previous_hash, "two");
  EXPECT_EQ(Judge(third, "three", kStart + absl::Minutes(27)),
            RefreshVerdict::kRotate);
}

TEST_F(SessionTest, TakesAUsedTokenForAReplay) {
  const absl::Time used = kStart + absl::Minutes(9);
  const Session second = Rotated(session_, "two", used);
  EXPECT_EQ(Judge(second, "one", used + kRetryGrace),
            RefreshVerdict::kReplayed);
  // One that is older is a replay at once.
  const Session third = Rotated(second, "three", used);
  EXPECT_EQ(Judge(third, "one", used), RefreshVerdict::kReplayed);
}

TEST_F(SessionTest, AnswersARetryForAMomentWithATokenInPlaceOfTheNext) {
  const absl::Time used = kStart + absl::Minutes(9);
  const Session second = Rotated(session_, "two", used);
  const absl::Time again = used + kRetryGrace - absl::Microseconds(1);
  ASSERT_EQ(Judge(second, "one", again), RefreshVerdict::kReplace);
  const Session retried =
      Refreshed(second, RefreshVerdict::kReplace, "two'", again);
  EXPECT_EQ(Judge(retried, "two'", again), RefreshVerdict::kRotate);
  // Two hold a token now: the one that was replaced gives them away.
  EXPECT_EQ(Judge(retried, "two", again), RefreshVerdict::kReplayed);
  // Retrying does not make the moment longer.
  EXPECT_EQ(Judge(retried, "one", used + kRetryGrace),
            RefreshVerdict::kReplayed);
}

TEST_F(SessionTest, NeverTakesAnEmptyHashForThePreviousOne) {
  // A session that was not refreshed has none; no token has this hash.
  EXPECT_EQ(Judge(session_, "none", kStart), RefreshVerdict::kReplayed);
}

}  // namespace
}  // namespace praxis::members
