#include "services/common/limits/local_limiter.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "google/protobuf/any.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::limits {
namespace {

using errors::v1::RATE_LIMITED;
using testing::FailsWith;
using testing::Succeeds;

// What a refused caller is told to wait.
absl::Duration WaitOf(const absl::Status& status) {
  const google::rpc::Status shown = ToRpcStatus(status);
  google::rpc::RetryInfo info;
  for (const auto& detail : shown.details()) {
    if (detail.UnpackTo(&info)) {
      return absl::Seconds(info.retry_delay().seconds()) +
             absl::Nanoseconds(info.retry_delay().nanos());
    }
  }
  return -absl::InfiniteDuration();
}

class LocalLimiterTest : public ::testing::Test {
 protected:
  // How many of `tries` are let through.
  int Take(absl::string_view key, const Rate& rate, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += limiter_.Take(key, rate).ok();
    return taken;
  }

  absl::Duration now_ = absl::Hours(7);
  LocalLimiter limiter_{{.buckets_max = 160, .clock = [this] { return now_; }}};
};

TEST_F(LocalLimiterTest, LetsABurstThroughAndThenTheRate) {
  constexpr Rate kRate = {.per_second = 2, .burst = 5};
  EXPECT_EQ(Take("a", kRate, 10), 5);
  now_ += absl::Milliseconds(499);
  EXPECT_EQ(Take("a", kRate, 10), 0);
  now_ += absl::Milliseconds(1);
  EXPECT_EQ(Take("a", kRate, 10), 1);
  now_ += absl::Seconds(1);
  EXPECT_EQ(Take("a", kRate, 10), 2);
  now_ += absl::Hours(1);
  EXPECT_EQ(Take("a", kRate, 10), 5);
}

TEST_F(LocalLimiterTest, SaysHowLongToWait) {
  constexpr Rate kRate = {.per_second = 0.1, .burst = 1};
  EXPECT_THAT(limiter_.Take("a", kRate), Succeeds());
  now_ += absl::Seconds(4);
  const absl::Status refused = limiter_.Take("a", kRate);
  EXPECT_THAT(refused, FailsWith(RATE_LIMITED));
  EXPECT_LT(absl::AbsDuration(WaitOf(refused) - absl::Seconds(6)),
            absl::Microseconds(1));
}

TEST_F(LocalLimiterTest, KeepsABucketForEachKey) {
  constexpr Rate kRate = {.per_second = 1, .burst = 3};
  EXPECT_EQ(Take("a", kRate, 5), 3);
  EXPECT_EQ(Take("b", kRate, 5), 3);
}

TEST_F(LocalLimiterTest, RemembersWhoIsBusyThoughManyOthersCome) {
  constexpr Rate kRate = {.per_second = 0.001, .burst = 2};
  Take("busy", kRate, 2);
  for (int i = 0; i < 10'000; ++i) {
    Take(std::to_string(i), kRate, 1);
    ASSERT_EQ(Take("busy", kRate, 1), 0);
  }
  // One that was dropped begins anew.
  EXPECT_EQ(Take("0", kRate, 3), 2);
}

TEST_F(LocalLimiterTest, IsExactForManyThreads) {
  constexpr Rate kRate = {.per_second = 0.001, .burst = 1000};
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { taken += Take("a", kRate, 1000); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace praxis::limits
