#include "services/common/cache/redis_cache.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/redis.h"

namespace praxis::cache {
namespace {

using testing::Eventually;

class RedisCacheTest : public ::testing::Test {
 protected:
  RedisCacheTest()
      : client_(server_.ClientOptions("cache"), registry_),
        cache_(client_, "things") {}

  telemetry::Registry registry_;
  testing::RedisServer server_;
  redis::Client client_;
  RedisCache cache_;
};

TEST_F(RedisCacheTest, KeepsAnEntryForItsTtlOnly) {
  cache_.Put("a", {1, "one"}, absl::Seconds(100));
  const int64_t ttl_ms =
      std::stoll(server_.Run({"PTTL", "praxis:things:cache:a"}));
  EXPECT_GT(ttl_ms, 80'000);
  EXPECT_LE(ttl_ms, 110'000);
  cache_.Raise("b", 1);
  const int64_t mark_ms =
      std::stoll(server_.Run({"PTTL", "praxis:things:cache:b"}));
  EXPECT_GT(mark_ms, 290'000);
  EXPECT_LE(mark_ms, 300'000);
}

TEST_F(RedisCacheTest, IsSharedByTheReplicasOfOneServiceOnly) {
  RedisCache replica(client_, "things");
  RedisCache other(client_, "others");
  cache_.Put("a", {1, "one"}, absl::Minutes(1));
  EXPECT_TRUE(replica.Get("a").entry.has_value());
  EXPECT_FALSE(other.Get("a").entry.has_value());
}

TEST_F(RedisCacheTest, HoldsNothingWhileRedisIsAway) {
  cache_.Put("a", {1, "one"}, absl::Minutes(1));
  server_.Stop();
  EXPECT_FALSE(cache_.Get("a").entry.has_value());
  EXPECT_TRUE(cache_.Put("a", {2, "two"}, absl::Minutes(1)));
  cache_.Raise("a", 3);
  server_.Restart();
  EXPECT_TRUE(Eventually([&] {
    cache_.Put("a", {1, "one"}, absl::Minutes(1));
    return cache_.Get("a").entry.has_value();
  }));
}

TEST_F(RedisCacheTest, TakesWhatItCannotReadForNothing) {
  for (const char* value :
       {"", "1", "123456789012345678x e", "no number is it."}) {
    server_.Run({"SET", "praxis:things:cache:a", value});
    EXPECT_FALSE(cache_.Get("a").entry.has_value()) << value;
  }
  server_.Run({"DEL", "praxis:things:cache:a"});
  server_.Run({"RPUSH", "praxis:things:cache:a", "x"});
  EXPECT_FALSE(cache_.Get("a").entry.has_value());
  EXPECT_TRUE(cache_.Put("a", {1, "one"}, absl::Minutes(1)));
}

}  // namespace
}  // namespace praxis::cache
