#include "services/common/limits/redis_limiter.h"

#include <atomic>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "services/common/redis/clock.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/common/testing/redis.h"

namespace praxis::limits {
namespace {

using errors::v1::RATE_LIMITED;
using testing::Eventually;
using testing::FailsWith;
using testing::Succeeds;

class RedisLimiterTest : public ::testing::Test {
 protected:
  RedisLimiterTest() : client_(server_.ClientOptions("cache"), registry_) {}

  // How many of `tries` are let through.
  static int Take(Limiter& limiter, const Rate& rate, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += limiter.Take("a", rate).ok();
    return taken;
  }

  uint64_t calls() {
    return registry_
        .FindCounter("praxis_redis_calls_total",
                     "Calls to Redis, refused ones not counted.",
                     {{"role", "cache"}})
        .value();
  }

  telemetry::Registry registry_;
  testing::RedisServer server_;
  redis::Client client_;
};

TEST_F(RedisLimiterTest, IsExactForManyThreadsOfTwoReplicas) {
  constexpr Rate kRate = {.per_second = 0.001, .burst = 500};
  RedisLimiter one(client_, "things");
  RedisLimiter two(client_, "things");
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&, i] { taken += Take(i % 2 == 0 ? one : two, kRate, 500); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 500);
}

TEST_F(RedisLimiterTest, NeverLetsMoreThroughThanTheBucketAllows) {
  constexpr Rate kRate = {.per_second = 2000, .burst = 1000};
  RedisLimiter one(client_, "things");
  RedisLimiter two(client_, "things");
  const absl::Duration start = redis::MonotonicNow();
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&, i] { taken += Take(i % 2 == 0 ? one : two, kRate, 2000); });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = absl::ToDoubleSeconds(redis::MonotonicNow() - start);
  EXPECT_LE(taken, std::ceil(kRate.burst + seconds * kRate.per_second));
  EXPECT_GE(taken, 1000);
}

TEST_F(RedisLimiterTest, AsksRedisOnceForTokensOfATenthOfASecond) {
  absl::Duration now = absl::Hours(7);
  RedisLimiter limiter(client_, "things", {.clock = [&] { return now; }});
  constexpr Rate kRate = {.per_second = 100, .burst = 1000};
  EXPECT_THAT(limiter.Take("a", kRate), Succeeds());
  const uint64_t before = calls();
  EXPECT_EQ(Take(limiter, kRate, 9), 9);
  EXPECT_EQ(calls(), before);
  EXPECT_EQ(Take(limiter, kRate, 1), 1);
  EXPECT_EQ(calls(), before + 1);
  // The nine that are left are not good for ever.
  now += absl::Seconds(1);
  EXPECT_EQ(Take(limiter, kRate, 1), 1);
  EXPECT_EQ(calls(), before + 2);
}

TEST_F(RedisLimiterTest, RemembersARefusalUntilThereIsATokenAgain) {
  absl::Duration now = absl::Hours(7);
  RedisLimiter limiter(client_, "things", {.clock = [&] { return now; }});
  constexpr Rate kRate = {.per_second = 0.001, .burst = 1};
  EXPECT_EQ(Take(limiter, kRate, 2), 1);
  const uint64_t before = calls();
  now += absl::Seconds(990);
  EXPECT_THAT(limiter.Take("a", kRate), FailsWith(RATE_LIMITED));
  EXPECT_EQ(calls(), before);
  now += absl::Seconds(11);
  EXPECT_THAT(limiter.Take("a", kRate), FailsWith(RATE_LIMITED));
  EXPECT_EQ(calls(), before + 1);
}

TEST_F(RedisLimiterTest, ForgetsABucketThatIsFullAgain) {
  RedisLimiter limiter(client_, "things");
  EXPECT_EQ(Take(limiter, {.per_second = 100, .burst = 1}, 1), 1);
  EXPECT_TRUE(Eventually([&] { return server_.Run({"DBSIZE"}) == "0"; }));
  EXPECT_EQ(Take(limiter, {.per_second = 0.001, .burst = 2}, 3), 2);
  EXPECT_EQ(server_.Run({"EXISTS", "praxis:things:limit:a"}), "1");
}

TEST_F(RedisLimiterTest, LimitsByItselfWhileRedisIsAway) {
  RedisLimiter limiter(client_, "things");
  constexpr Rate kRate = {.per_second = 0.001, .burst = 3};
  server_.Stop();
  EXPECT_EQ(Take(limiter, kRate, 20), 3);
  server_.Restart();
  // Redis's bucket is full after its loss.
  EXPECT_TRUE(Eventually([&] { return Take(limiter, kRate, 1) == 1; }));
}

}  // namespace
}  // namespace praxis::limits
