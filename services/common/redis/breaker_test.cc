#include "services/common/redis/breaker.h"

#include "gtest/gtest.h"

namespace praxis::redis {
namespace {

using Admission = Breaker::Admission;

constexpr absl::Duration kStart = absl::Hours(7);

// Lets `count` calls go and fail at `now`.
void Fail(Breaker& breaker, int count, absl::Duration now = kStart) {
  for (int i = 0; i < count; ++i) {
    const Admission admission = breaker.Admit(now);
    ASSERT_NE(admission, Admission::kRefused);
    breaker.Failed(admission, now);
  }
}

TEST(BreakerTest, LetsEveryCallGoWhileTheyDoNotFailInARow) {
  Breaker breaker;
  Fail(breaker, Breaker::kFailures - 1);
  EXPECT_FALSE(breaker.Succeeded());
  Fail(breaker, Breaker::kFailures - 1);
  EXPECT_FALSE(breaker.is_open());
  EXPECT_EQ(breaker.Admit(kStart), Admission::kCall);
}

TEST(BreakerTest, RefusesAfterFailuresInARow) {
  Breaker breaker;
  Fail(breaker, Breaker::kFailures - 1);
  EXPECT_TRUE(breaker.Failed(breaker.Admit(kStart), kStart));
  EXPECT_TRUE(breaker.is_open());
  EXPECT_EQ(breaker.Admit(kStart + absl::Milliseconds(99)),
            Admission::kRefused);
}

TEST(BreakerTest, LetsOneProbeGoWhenThePauseIsOver) {
  Breaker breaker;
  Fail(breaker, Breaker::kFailures);
  const absl::Duration later = kStart + Breaker::kPauseMin;
  EXPECT_EQ(breaker.Admit(later), Admission::kProbe);
  EXPECT_EQ(breaker.Admit(later), Admission::kRefused);
}

TEST(BreakerTest, ClosesWhenAProbeSucceeds) {
  Breaker breaker;
  Fail(breaker, Breaker::kFailures);
  breaker.Admit(kStart + Breaker::kPauseMin);
  EXPECT_TRUE(breaker.Succeeded());
  EXPECT_EQ(breaker.Admit(kStart), Admission::kCall);
}

TEST(BreakerTest, DoublesThePauseUpToItsLimit) {
  Breaker breaker;
  Fail(breaker, Breaker::kFailures);
  absl::Duration now = kStart;
  absl::Duration pause = Breaker::kPauseMin;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(breaker.Admit(now + pause - absl::Milliseconds(1)),
              Admission::kRefused);
    now += pause;
    Fail(breaker, 1, now);
    pause = std::min(2 * pause, Breaker::kPauseMax);
  }
  EXPECT_EQ(pause, absl::Seconds(5));
}

TEST(BreakerTest, BeginsWithTheShortPauseAgainAfterASuccess) {
  Breaker breaker;
  Fail(breaker, Breaker::kFailures);
  Fail(breaker, 1, kStart + absl::Hours(1));
  breaker.Succeeded();
  Fail(breaker, Breaker::kFailures);
  EXPECT_EQ(breaker.Admit(kStart + Breaker::kPauseMin), Admission::kProbe);
}

TEST(BreakerTest, TakesNoCallFromBeforeItOpenedForAProbe) {
  Breaker breaker;
  const Admission early = breaker.Admit(kStart);
  Fail(breaker, Breaker::kFailures);
  const absl::Duration later = kStart + Breaker::kPauseMin;
  EXPECT_EQ(breaker.Admit(later), Admission::kProbe);
  EXPECT_FALSE(breaker.Failed(early, later));
  EXPECT_EQ(breaker.Admit(later), Admission::kRefused);
}

TEST(BreakerTest, LetsTheNextProbeGoWhenOneWasAbandoned) {
  Breaker breaker;
  Fail(breaker, Breaker::kFailures);
  const absl::Duration later = kStart + Breaker::kPauseMin;
  breaker.Abandoned(breaker.Admit(later));
  EXPECT_EQ(breaker.Admit(later), Admission::kProbe);
}

}  // namespace
}  // namespace praxis::redis
