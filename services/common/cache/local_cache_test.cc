#include "services/common/cache/local_cache.h"

#include <string>

#include "gtest/gtest.h"

namespace praxis::cache {
namespace {

class LocalCacheTest : public ::testing::Test {
 protected:
  absl::Duration now_ = absl::Hours(7);
  LocalCache cache_{{.bytes_max = 1 << 20, .clock = [this] { return now_; }}};
};

TEST_F(LocalCacheTest, ForgetsAnEntryAfterItsTtl) {
  cache_.Put("a", {2, "two"}, absl::Seconds(100));
  now_ += absl::Seconds(89);
  EXPECT_TRUE(cache_.Get("a").entry.has_value());
  now_ += absl::Seconds(22);
  EXPECT_FALSE(cache_.Get("a").entry.has_value());
  // It is no obstacle either.
  EXPECT_TRUE(cache_.Put("a", {1, "one"}, absl::Seconds(100)));
}

TEST_F(LocalCacheTest, ForgetsAMarkAfterItsTtl) {
  cache_.Raise("a", 2);
  now_ += kMarkTtl - absl::Milliseconds(1);
  EXPECT_FALSE(cache_.Put("a", {1, "one"}, absl::Seconds(1)));
  now_ += absl::Milliseconds(1);
  EXPECT_EQ(cache_.Get("a").floor, 0);
  EXPECT_TRUE(cache_.Put("a", {1, "one"}, absl::Seconds(1)));
}

TEST_F(LocalCacheTest, StaysWithinItsBytesAndKeepsWhatIsUsed) {
  const std::string bytes(1000, 'x');
  cache_.Put("used", {1, bytes}, absl::Hours(1));
  for (int i = 0; i < 10'000; ++i) {
    cache_.Put(std::to_string(i), {1, bytes}, absl::Hours(1));
    ASSERT_TRUE(cache_.Get("used").entry.has_value());
    ASSERT_LE(cache_.bytes(), size_t{1} << 20);
  }
  EXPECT_GT(cache_.bytes(), size_t{900'000});
  EXPECT_FALSE(cache_.Get("0").entry.has_value());
  EXPECT_TRUE(cache_.Get("9999").entry.has_value());
}

TEST_F(LocalCacheTest, CountsTheBytesOfWhatTookAnothersPlace) {
  cache_.Put("a", {1, std::string(1000, 'x')}, absl::Hours(1));
  const size_t bytes = cache_.bytes();
  cache_.Put("a", {2, std::string(1001, 'x')}, absl::Hours(1));
  EXPECT_EQ(cache_.bytes(), bytes + 1);
  cache_.Raise("a", 3);
  EXPECT_EQ(cache_.bytes(), bytes - 1000);
}

TEST_F(LocalCacheTest, HoldsNothingThatWouldPushOutAllElse) {
  cache_.Put("a", {1, "one"}, absl::Hours(1));
  cache_.Put("b", {1, "one"}, absl::Hours(1));
  EXPECT_TRUE(cache_.Put("a", {2, std::string(1 << 19, 'x')}, absl::Hours(1)));
  EXPECT_EQ(cache_.Get("a").floor, 2);
  EXPECT_TRUE(cache_.Get("b").entry.has_value());
}

}  // namespace
}  // namespace praxis::cache
