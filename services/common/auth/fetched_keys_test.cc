#include "services/common/auth/fetched_keys.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::auth {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PublicKey KeyOf(const std::string& kid) {
  return {.kid = kid, .x = "x", .y = "y"};
}

// A signer elsewhere, and a clock that stands still unless moved.
class Signer {
 public:
  FetchedKeys::Fetch Fetch() {
    return [this]() -> absl::StatusOr<std::vector<PublicKey>> {
      absl::MutexLock lock(&mutex_);
      ++fetches_;
      return answer_;
    };
  }
  FetchedKeys::Options Options() {
    return {.period = absl::Hours(24), .clock = [this] { return Now(); }};
  }

  void Answer(absl::StatusOr<std::vector<PublicKey>> answer) {
    absl::MutexLock lock(&mutex_);
    answer_ = std::move(answer);
  }
  void Advance(absl::Duration duration) {
    absl::MutexLock lock(&mutex_);
    now_ += duration;
  }
  absl::Time Now() {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  int fetches() {
    absl::MutexLock lock(&mutex_);
    return fetches_;
  }
  // Waits until it was asked as often.
  bool WaitForFetches(int count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return fetches_ >= count;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(30));
  }

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) = absl::FromUnixSeconds(1000);
  int fetches_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::StatusOr<std::vector<PublicKey>> answer_ ABSL_GUARDED_BY(mutex_) =
      std::vector<PublicKey>{KeyOf("a")};
};

TEST(FetchedKeysTest, HasTheKeysSoonAfterTheStart) {
  Signer signer;
  FetchedKeys keys(signer.Fetch(), signer.Options());
  keys.Refresh();
  EXPECT_THAT(keys.Keys(), ElementsAre(KeyOf("a")));
  EXPECT_EQ(signer.fetches(), 1) << "by the thread or by Refresh, not by both";
}

TEST(FetchedKeysTest, FetchesAnewWhenAsked) {
  Signer signer;
  FetchedKeys keys(signer.Fetch(), signer.Options());
  keys.Refresh();
  const uint64_t before = keys.generation();
  signer.Answer(std::vector<PublicKey>{KeyOf("a"), KeyOf("b")});
  signer.Advance(absl::Seconds(3));
  keys.Refresh();
  EXPECT_THAT(keys.Keys(), ElementsAre(KeyOf("a"), KeyOf("b")));
  EXPECT_NE(keys.generation(), before);
}

TEST(FetchedKeysTest, KeepsTheGenerationWhenNothingChanged) {
  Signer signer;
  FetchedKeys keys(signer.Fetch(), signer.Options());
  keys.Refresh();
  const uint64_t before = keys.generation();
  signer.Advance(absl::Seconds(3));
  keys.Refresh();
  EXPECT_EQ(signer.fetches(), 2);
  EXPECT_EQ(keys.generation(), before);
}

TEST(FetchedKeysTest, DoesNotPassAFloodOnToTheSigner) {
  Signer signer;
  FetchedKeys keys(signer.Fetch(), signer.Options());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) keys.Refresh();
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(signer.fetches(), 1);
  signer.Advance(absl::Seconds(3) - absl::Nanoseconds(1));
  keys.Refresh();
  EXPECT_EQ(signer.fetches(), 1);
}

TEST(FetchedKeysTest, KeepsTheLastGoodSetThroughAnOutage) {
  Signer signer;
  FetchedKeys keys(signer.Fetch(), signer.Options());
  keys.Refresh();
  for (const absl::StatusOr<std::vector<PublicKey>>& answer :
       {absl::StatusOr<std::vector<PublicKey>>(absl::UnavailableError("down")),
        absl::StatusOr<std::vector<PublicKey>>(std::vector<PublicKey>())}) {
    signer.Answer(answer);
    signer.Advance(absl::Seconds(3));
    keys.Refresh();
    EXPECT_THAT(keys.Keys(), ElementsAre(KeyOf("a")));
  }
  EXPECT_EQ(signer.fetches(), 3);
}

TEST(FetchedKeysTest, TriesAgainByItselfUntilTheSignerIsThere) {
  Signer signer;
  signer.Answer(absl::UnavailableError("not yet"));
  FetchedKeys keys(signer.Fetch(),
                   {.period = absl::Hours(24), .pause = absl::Milliseconds(1)});
  ASSERT_TRUE(signer.WaitForFetches(3));
  EXPECT_THAT(keys.Keys(), IsEmpty());
  signer.Answer(std::vector<PublicKey>{KeyOf("a")});
  ASSERT_TRUE(signer.WaitForFetches(signer.fetches() + 1));
  keys.Refresh();  // Waits for the one under way.
  EXPECT_THAT(keys.Keys(), ElementsAre(KeyOf("a")));
}

TEST(FetchedKeysTest, FetchesAnewByItselfEveryPeriod) {
  Signer signer;
  FetchedKeys keys(signer.Fetch(), {.period = absl::Milliseconds(1),
                                    .pause = absl::ZeroDuration()});
  ASSERT_TRUE(signer.WaitForFetches(1));
  signer.Answer(std::vector<PublicKey>{KeyOf("b")});
  ASSERT_TRUE(signer.WaitForFetches(signer.fetches() + 2));
  EXPECT_THAT(keys.Keys(), ElementsAre(KeyOf("b")));
}

TEST(FetchedKeysTest, TakesAClockThatWasSetBack) {
  Signer signer;
  FetchedKeys keys(signer.Fetch(), signer.Options());
  keys.Refresh();
  signer.Advance(-absl::Hours(1));
  keys.Refresh();
  EXPECT_EQ(signer.fetches(), 2);
}

}  // namespace
}  // namespace praxis::auth
