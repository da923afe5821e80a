// What holds of every cache.
#include "services/common/cache/cache.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/cache/local_cache.h"
#include "services/common/cache/redis_cache.h"
#include "services/common/testing/redis.h"

namespace praxis::cache {
namespace {

constexpr absl::Duration kTtl = absl::Minutes(1);

enum class Adapter { kLocal, kRedis };

class CacheTest : public ::testing::TestWithParam<Adapter> {
 protected:
  CacheTest() {
    if (GetParam() == Adapter::kLocal) {
      cache_ = std::make_unique<LocalCache>();
      return;
    }
    server_ = std::make_unique<testing::RedisServer>();
    client_ = std::make_unique<redis::Client>(server_->ClientOptions("cache"),
                                              registry_);
    cache_ = std::make_unique<RedisCache>(*client_, "things");
  }

  // "3 bytes", or "floor 3" for a mark.
  std::string Get(absl::string_view key) {
    const Found found = cache_->Get(key);
    if (!found.entry.has_value()) {
      return "floor " + std::to_string(found.floor);
    }
    return std::to_string(found.entry->version) + " " + found.entry->bytes;
  }

  telemetry::Registry registry_;
  std::unique_ptr<testing::RedisServer> server_;
  std::unique_ptr<redis::Client> client_;
  std::unique_ptr<Cache> cache_;
};

TEST_P(CacheTest, HoldsWhatWasPut) {
  EXPECT_EQ(Get("a"), "floor 0");
  const std::string bytes("x\0\r\n", 4);
  EXPECT_TRUE(cache_->Put("a", {1, bytes}, kTtl));
  EXPECT_EQ(Get("a"), "1 " + bytes);
  EXPECT_TRUE(cache_->Put("b", {7, ""}, kTtl));
  EXPECT_EQ(Get("b"), "7 ");
}

TEST_P(CacheTest, GoesForwardAndNeverBack) {
  EXPECT_TRUE(cache_->Put("a", {2, "two"}, kTtl));
  EXPECT_FALSE(cache_->Put("a", {1, "one"}, kTtl));
  EXPECT_EQ(Get("a"), "2 two");
  EXPECT_TRUE(cache_->Put("a", {2, "two again"}, kTtl));
  EXPECT_TRUE(cache_->Put("a", {10, "ten"}, kTtl));
  EXPECT_EQ(Get("a"), "10 ten");
}

TEST_P(CacheTest, ComparesVersionsThatDifferInTheirLastOf63Bits) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_TRUE(cache_->Put("a", {kMax, "last"}, kTtl));
  EXPECT_FALSE(cache_->Put("a", {kMax - 1, "older"}, kTtl));
  EXPECT_EQ(Get("a"), std::to_string(kMax) + " last");
}

TEST_P(CacheTest, RefusesALateFillAfterTheRowWasChanged) {
  cache_->Put("a", {1, "one"}, kTtl);
  cache_->Raise("a", 3);
  EXPECT_EQ(Get("a"), "floor 3");
  EXPECT_FALSE(cache_->Put("a", {2, "two"}, kTtl));
  EXPECT_EQ(Get("a"), "floor 3");
  EXPECT_TRUE(cache_->Put("a", {3, "three"}, kTtl));
  EXPECT_EQ(Get("a"), "3 three");
}

TEST_P(CacheTest, RefusesALateFillOfWhatWasNeverHeld) {
  cache_->Raise("a", 2);
  EXPECT_FALSE(cache_->Put("a", {1, "one"}, kTtl));
  EXPECT_EQ(Get("a"), "floor 2");
}

TEST_P(CacheTest, KeepsWhatIsAsNewAsTheChange) {
  cache_->Put("a", {3, "three"}, kTtl);
  cache_->Raise("a", 3);
  cache_->Raise("a", 2);
  EXPECT_EQ(Get("a"), "3 three");
  cache_->Raise("a", 5);
  cache_->Raise("a", 4);
  EXPECT_EQ(Get("a"), "floor 5");
}

// Each of many threads fills and raises as it likes; what any of them sees
// never goes back.
TEST_P(CacheTest, NeverShowsAnOlderVersionAfterANewerOne) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      int64_t seen = 0;
      for (int i = 1; i <= 500; ++i) {
        const int64_t version = i + 7 * t;
        if (i % 3 == 0) {
          cache_->Raise("a", version);
        } else {
          cache_->Put("a", {version, "x"}, kTtl);
        }
        const Found found = cache_->Get("a");
        const int64_t now =
            found.entry.has_value() ? found.entry->version : found.floor;
        ASSERT_GE(now, seen);
        seen = now;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Adapters, CacheTest,
                         ::testing::Values(Adapter::kLocal, Adapter::kRedis),
                         [](const auto& info) {
                           return info.param == Adapter::kLocal ? "Local"
                                                                : "Redis";
                         });

TEST(JitterTest, StaysWithinATenthAndDiffers) {
  absl::Duration least = absl::InfiniteDuration();
  absl::Duration most;
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration ttl = Jittered(absl::Seconds(100));
    least = std::min(least, ttl);
    most = std::max(most, ttl);
  }
  EXPECT_GE(least, absl::Seconds(90));
  EXPECT_LE(most, absl::Seconds(110));
  EXPECT_GT(most - least, absl::Seconds(10));
}

}  // namespace
}  // namespace praxis::cache
