#include "services/common/rpc/id.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::rpc {
namespace {

using ::testing::MatchesRegex;

// Far ahead of the real clock and of each other: the sequence is one a process.
absl::Time Start(int day) {
  return absl::FromUnixSeconds(4'000'000'000) + absl::Hours(24 * day);
}

// Bits [from, from + count) of an id, counted from the top of its 128.
uint64_t Bits(absl::string_view id, int from, int count) {
  static constexpr absl::string_view kDigits =
      "0123456789abcdefghjkmnpqrstvwxyz";
  uint64_t value = 0;
  for (int bit = from; bit < from + count; ++bit) {
    const int place = bit + 2;  // 26 digits hold 130 bits.
    const auto digit = kDigits.find(id[place / 5]);
    value = value << 1 | (digit >> (4 - place % 5) & 1);
  }
  return value;
}

TEST(NewIdTest, IsAUuidOfVersion7) {
  const std::string id = NewId(Start(1));
  EXPECT_THAT(id, MatchesRegex("[0-7][0-9a-hjkmnp-tv-z]*"));
  EXPECT_EQ(id.size(), 26u);
  EXPECT_EQ(Bits(id, 0, 48), absl::ToUnixMillis(Start(1)));
  EXPECT_EQ(Bits(id, 48, 4), 7u);
  EXPECT_EQ(Bits(id, 64, 2), 2u);
}

TEST(NewIdTest, SortsByTime) {
  const std::string early = NewId(Start(2));
  const std::string late = NewId(Start(2) + absl::Milliseconds(1));
  EXPECT_LT(early, late);
}

TEST(NewIdTest, SortsByCallWithinAMillisecond) {
  std::string last = NewId(Start(3));
  for (int i = 0; i < 100'000; ++i) {
    const std::string id = NewId(Start(3));
    ASSERT_LT(last, id);
    last = id;
  }
  EXPECT_EQ(Bits(last, 0, 48), absl::ToUnixMillis(Start(3)));
}

TEST(NewIdTest, KeepsTheOrderWhenTheClockStepsBack) {
  const std::string before = NewId(Start(4));
  const std::string after = NewId(Start(4) - absl::Seconds(9));
  EXPECT_LT(before, after);
}

TEST(NewIdTest, TakesAClockThatWasSetRight) {
  NewId(Start(5));
  const absl::Time right = Start(5) - absl::Hours(1);
  EXPECT_EQ(Bits(NewId(right), 0, 48), absl::ToUnixMillis(right));
}

TEST(NewIdTest, HoldsAnyTime) {
  NewId(Start(6));
  EXPECT_EQ(Bits(NewId(absl::InfinitePast()), 0, 48), 0u);
  EXPECT_EQ(Bits(NewId(absl::InfiniteFuture()), 0, 48), (1ull << 48) - 1);
}

TEST(NewIdTest, NeverRepeatsAmongThreads) {
  constexpr int kThreads = 4;
  constexpr int kIds = 20'000;
  std::vector<std::vector<std::string>> ids(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : ids) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < kIds; ++i) mine.push_back(NewId(Start(7)));
    });
  }
  for (auto& thread : threads) thread.join();
  absl::flat_hash_set<std::string> all;
  for (const auto& mine : ids) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), static_cast<size_t>(kThreads * kIds));
}

}  // namespace
}  // namespace praxis::rpc
