#include "services/common/cache/read_through.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/cache/local_cache.h"
#include "services/common/cache/redis_cache.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/common/testing/redis.h"

namespace praxis::cache {
namespace {

using testing::Eventually;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::Succeeds;

constexpr absl::Duration kTtl = absl::Minutes(1);
using Result = absl::StatusOr<Entry>;

class ReadThroughTest : public ::testing::Test {
 protected:
  // Callers that missed the cache so far.
  uint64_t misses() {
    return registry_
        .FindCounter("praxis_cache_misses_total",
                     "Reads that a cache could not answer.",
                     {{"cache", "things"}})
        .value();
  }

  // A caller on a thread of its own whose load ends with `result` when `go` is
  // notified; returns when it loads.
  std::thread Loading(Result result, absl::Notification& go) {
    absl::Notification loads;
    std::thread thread([&, result] {
      reader_
          .Get("a", kTtl,
               [&]() -> Result {
                 loads.Notify();
                 go.WaitForNotification();
                 return result;
               })
          .IgnoreError();
    });
    loads.WaitForNotification();
    return thread;
  }

  // What a caller gets whose own load answers version 9.
  Result Get(const sql::Limit& limit = {}) {
    return reader_.Get(
        "a", kTtl,
        [] {
          return Result(Entry{9, "own"});
        },
        limit);
  }

  telemetry::Registry registry_;
  LocalCache cache_;
  ReadThrough reader_{cache_, "things", registry_};
};

TEST_F(ReadThroughTest, LoadsOnceAndThenAnswersFromTheCache) {
  EXPECT_EQ(Get()->bytes, "own");
  const Result again = reader_.Get("a", kTtl, []() -> Result {
    return Entry{10, "not loaded"};
  });
  EXPECT_EQ(again->bytes, "own");
  EXPECT_THAT(registry_.Text(),
              HasSubstr("praxis_cache_hits_total{cache=\"things\"} 1"));
  EXPECT_THAT(registry_.Text(),
              HasSubstr("praxis_cache_loads_total{cache=\"things\"} 1"));
}

TEST_F(ReadThroughTest, LoadsOnceForAThousandWhoMissAtOnce) {
  std::atomic<int> loads = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 1000; ++i) {
    threads.emplace_back([&] {
      const Result result = reader_.Get("a", kTtl, [&]() -> Result {
        ++loads;
        EXPECT_TRUE(Eventually([&] { return misses() == 1000; }));
        return Entry{1, "one"};
      });
      EXPECT_EQ(result->bytes, "one");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loads, 1);
}

// A cache whose first answer is late.
class LateCache : public LocalCache {
 public:
  Found Get(absl::string_view key) override {
    const Found found = LocalCache::Get(key);
    if (!asked.exchange(true)) {
      looked.Notify();
      go.WaitForNotification();
    }
    return found;
  }
  std::atomic<bool> asked = false;
  absl::Notification looked;
  absl::Notification go;
};

TEST_F(ReadThroughTest, DoesNotLoadWhatAnotherHasFilledSinceItLooked) {
  LateCache cache;
  ReadThrough reader(cache, "things", registry_);
  std::thread late([&] {
    const Result result = reader.Get("a", kTtl, []() -> Result {
      ADD_FAILURE() << "loaded again";
      return Entry{2, "two"};
    });
    EXPECT_EQ(result->bytes, "one");
  });
  cache.looked.WaitForNotification();
  EXPECT_THAT(reader.Get("a", kTtl,
                         [] {
                           return Result(Entry{1, "one"});
                         }),
              Succeeds());
  cache.go.Notify();
  late.join();
}

TEST_F(ReadThroughTest, GivesAFailureToAllWhoWaitAndForgetsIt) {
  absl::Notification go;
  std::thread loading =
      Loading(Error(errors::v1::STORAGE_UNAVAILABLE, "Retry."), go);
  std::thread waiting(
      [&] { EXPECT_THAT(Get(), FailsWith(errors::v1::STORAGE_UNAVAILABLE)); });
  EXPECT_TRUE(Eventually([&] { return misses() == 2; }));
  go.Notify();
  loading.join();
  waiting.join();
}

TEST_F(ReadThroughTest, TakesThePlaceOfAnotherWhoGaveUp) {
  absl::Notification go;
  std::thread loading =
      Loading(Error(errors::v1::CANCELLED, "The caller has gone."), go);
  std::thread waiting([&] { EXPECT_EQ(Get()->bytes, "own"); });
  EXPECT_TRUE(Eventually([&] { return misses() == 2; }));
  go.Notify();
  loading.join();
  waiting.join();
}

TEST_F(ReadThroughTest, LetsWhoeverWaitsLeaveByTheirLimit) {
  absl::Notification go;
  std::thread loading = Loading(Entry{1, "one"}, go);
  EXPECT_THAT(Get({.deadline = absl::Now() + absl::Milliseconds(5)}),
              FailsWith(errors::v1::DEADLINE_EXCEEDED));
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  std::thread waiting([&] {
    EXPECT_THAT(Get({.cancelled = cancelled}),
                FailsWith(errors::v1::CANCELLED));
  });
  EXPECT_TRUE(Eventually([&] { return misses() == 3; }));
  cancelled->store(true);
  waiting.join();
  go.Notify();
  loading.join();
}

// A load under way has read version 1; the row is changed, and the cache told;
// who asks after that must not get version 1.
TEST_F(ReadThroughTest, GivesNobodyWhatWasReadBeforeAChangeTheyMustSee) {
  absl::Notification go;
  std::thread loading = Loading(Entry{1, "one"}, go);
  cache_.Raise("a", 2);
  std::thread waiting([&] { EXPECT_EQ(Get()->bytes, "own"); });
  EXPECT_TRUE(Eventually([&] { return misses() == 2; }));
  go.Notify();
  loading.join();
  waiting.join();
  EXPECT_EQ(cache_.Get("a").entry->version, 9);
  EXPECT_THAT(
      registry_.Text(),
      HasSubstr("praxis_cache_fills_refused_total{cache=\"things\"} 1"));
}

// The row did not exist when the load under way looked.
TEST_F(ReadThroughTest,
       TellsNobodyThatARowIsMissingThatWasMadeBeforeTheyAsked) {
  absl::Notification go;
  std::thread loading =
      Loading(Error(errors::v1::RESOURCE_NOT_FOUND, "Not there."), go);
  cache_.Raise("a", 1);
  std::thread waiting([&] { EXPECT_EQ(Get()->bytes, "own"); });
  EXPECT_TRUE(Eventually([&] { return misses() == 2; }));
  go.Notify();
  loading.join();
  waiting.join();
}

TEST_F(ReadThroughTest, GoesOnWithoutRedis) {
  testing::RedisServer server;
  redis::Client client(server.ClientOptions("cache"), registry_);
  RedisCache cache(client, "things");
  ReadThrough reader(cache, "remote", registry_);
  int loads = 0;
  const auto get = [&] {
    return reader.Get("a", kTtl, [&] {
      ++loads;
      return Result(Entry{1, "one"});
    });
  };
  EXPECT_THAT(get(), Succeeds());
  EXPECT_THAT(get(), Succeeds());
  EXPECT_EQ(loads, 1);
  server.Stop();
  EXPECT_THAT(get(), Succeeds());
  EXPECT_EQ(loads, 2);
  server.Restart();
  EXPECT_TRUE(Eventually([&] {
    const int before = loads;
    EXPECT_THAT(get(), Succeeds());
    return loads == before;
  }));
}

}  // namespace
}  // namespace praxis::cache
