#include "services/common/access/standing_cache.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace praxis::access {
namespace {

const Standing kOwner = {events::v1::PRIVATE, events::v1::OWNER};

TEST(StandingCacheTest, RemembersByPrincipalAndScope) {
  StandingCache cache;
  cache.Put("members/ada", "communities/lean", cache.generation(), kOwner);
  const auto found = cache.Get("members/ada", "communities/lean");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->role, events::v1::OWNER);
  EXPECT_EQ(found->visibility, events::v1::PRIVATE);
  EXPECT_FALSE(cache.Get("members/bob", "communities/lean").has_value());
  EXPECT_FALSE(cache.Get("members/ada", "communities/agile").has_value());
  EXPECT_FALSE(cache.Get("", "").has_value());
}

TEST(StandingCacheTest, ForgetsAllWhenAccessChanges) {
  StandingCache cache;
  cache.Put("members/ada", "communities/lean", cache.generation(), kOwner);
  cache.Invalidate();
  EXPECT_FALSE(cache.Get("members/ada", "communities/lean").has_value());
}

TEST(StandingCacheTest, TakesNothingThatWasReadBeforeTheChange) {
  StandingCache cache;
  const uint64_t before = cache.generation();
  cache.Invalidate();
  cache.Put("members/ada", "communities/lean", before, kOwner);
  EXPECT_FALSE(cache.Get("members/ada", "communities/lean").has_value());
}

TEST(StandingCacheTest, NeverMixesUpPairsThatShareAPlace) {
  StandingCache cache;
  // Three times as many pairs as there are places.
  for (int i = 0; i < 3 * (1 << 14); ++i) {
    cache.Put("members/" + std::to_string(i), "communities/c",
              cache.generation(), {events::v1::PUBLIC, static_cast<Role>(i)});
  }
  int kept = 0;
  for (int i = 0; i < 3 * (1 << 14); ++i) {
    const auto found =
        cache.Get("members/" + std::to_string(i), "communities/c");
    if (!found.has_value()) continue;
    ++kept;
    EXPECT_EQ(found->role, i);
  }
  EXPECT_GT(kept, 1 << 12);
}

TEST(StandingCacheTest, NeverAnswersWhatAChangeHasEnded) {
  // `truth` only grows; whoever reads it and then asks the cache must not be
  // told anything older.
  StandingCache cache;
  std::atomic<int> truth{1};
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done.load()) {
        const uint64_t generation = cache.generation();
        const int known = truth.load();
        const auto found = cache.Get("p", "s");
        if (found.has_value()) {
          EXPECT_GE(found->role + 1, known);
        } else {
          cache.Put("p", "s", generation,
                    {events::v1::PUBLIC, static_cast<Role>(truth.load())});
        }
      }
    });
  }
  for (int i = 0; i < 20000; ++i) {
    truth.fetch_add(1);
    cache.Invalidate();
    // From here on nothing older than `truth` may come back.
    const auto found = cache.Get("p", "s");
    EXPECT_TRUE(!found.has_value() || found->role == truth.load());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace praxis::access
