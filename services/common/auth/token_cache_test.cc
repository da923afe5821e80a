#include "services/common/auth/token_cache.h"

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace praxis::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'750'000'000);

TokenCache::Entry EntryOf(const std::string& name) {
  return {.principal = {.name = name, .session = "s", .scopes = kRead},
          .from = kNow - absl::Minutes(1),
          .until = kNow + absl::Minutes(10),
          .generation = 1};
}

std::string NameIn(TokenCache& cache, absl::string_view token,
                   absl::Time now = kNow, uint64_t generation = 1) {
  const auto principal = cache.Find(token, now, generation);
  return principal.has_value() ? principal->name : "";
}

TEST(TokenCacheTest, KnowsATokenByAllOfItsBytes) {
  TokenCache cache;
  cache.Put("abc", EntryOf("members/ada"));
  const auto found = cache.Find("abc", kNow, 1);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->name, "members/ada");
  EXPECT_EQ(found->session, "s");
  EXPECT_EQ(found->scopes, static_cast<unsigned>(kRead));
  EXPECT_EQ(NameIn(cache, "ab"), "");
  EXPECT_EQ(NameIn(cache, "abd"), "");
  EXPECT_EQ(NameIn(cache, "abc "), "");
}

TEST(TokenCacheTest, ForgetsATokenWhenItsTimeIsOver) {
  TokenCache cache;
  cache.Put("abc", EntryOf("members/ada"));
  const absl::Time until = kNow + absl::Minutes(10);
  EXPECT_EQ(NameIn(cache, "abc", until - absl::Nanoseconds(1)), "members/ada");
  EXPECT_EQ(NameIn(cache, "abc", until), "");
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(NameIn(cache, "abc"), "") << "also when the clock steps back";
}

TEST(TokenCacheTest, ForgetsATokenThatDoesNotCountYet) {
  TokenCache cache;
  cache.Put("abc", EntryOf("members/ada"));
  EXPECT_EQ(NameIn(cache, "abc", kNow - absl::Minutes(2)), "");
}

TEST(TokenCacheTest, ForgetsATokenWhenTheKeysChange) {
  TokenCache cache;
  cache.Put("abc", EntryOf("members/ada"));
  EXPECT_EQ(NameIn(cache, "abc", kNow, 2), "");
  EXPECT_EQ(NameIn(cache, "abc", kNow, 1), "");
}

TEST(TokenCacheTest, TakesWhatIsPutLast) {
  TokenCache cache;
  cache.Put("abc", EntryOf("members/ada"));
  cache.Put("abc", EntryOf("members/bob"));
  EXPECT_EQ(NameIn(cache, "abc"), "members/bob");
  EXPECT_EQ(cache.size(), 1u);
}

TEST(TokenCacheTest, IsBounded) {
  TokenCache cache(/*tokens_max=*/64);
  for (int i = 0; i < 10'000; ++i) {
    cache.Put(absl::StrCat("token", i), EntryOf("members/ada"));
  }
  EXPECT_LE(cache.size(), 64u);
  EXPECT_GE(cache.size(), 16u);
}

TEST(TokenCacheTest, KeepsWhatIsAskedFor) {
  TokenCache cache(/*tokens_max=*/64);
  cache.Put("abc", EntryOf("members/ada"));
  for (int i = 0; i < 10'000; ++i) {
    cache.Put(absl::StrCat("token", i), EntryOf("members/bob"));
    ASSERT_EQ(NameIn(cache, "abc"), "members/ada") << i;
  }
}

TEST(TokenCacheTest, ServesManyThreads) {
  TokenCache cache(/*tokens_max=*/64);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&cache, i] {
      for (int j = 0; j < 5'000; ++j) {
        const std::string name = absl::StrCat("members/", (i + j) % 100);
        cache.Put(name, EntryOf(name));
        const std::string found = NameIn(cache, name);
        EXPECT_TRUE(found.empty() || found == name);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(cache.size(), 64u);
}

}  // namespace
}  // namespace praxis::auth
