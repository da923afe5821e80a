#include "services/common/cache/lru.h"

#include "gtest/gtest.h"

namespace praxis::cache {
namespace {

TEST(LruTest, DropsWhatWasUsedLeastRecently) {
  Lru<int> lru;
  lru.Insert("a", 1);
  lru.Insert("b", 2);
  lru.Insert("c", 3);
  ASSERT_NE(lru.Find("a"), nullptr);
  EXPECT_EQ(lru.Oldest().key, "b");
  lru.DropOldest();
  EXPECT_EQ(lru.Find("b"), nullptr);
  EXPECT_EQ(*lru.Find("c"), 3);
  EXPECT_EQ(lru.Oldest().value, 1);
  EXPECT_EQ(lru.size(), 2u);
}

TEST(LruTest, FindsWhatWasInsertedWhileItGrew) {
  Lru<int> lru;
  int& first = lru.Insert("0", 0);
  for (int i = 1; i < 1000; ++i) lru.Insert(std::to_string(i), i);
  EXPECT_EQ(lru.Find("0"), &first);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(*lru.Find(std::to_string(i)), i);
}

}  // namespace
}  // namespace praxis::cache
