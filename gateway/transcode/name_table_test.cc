#include "gateway/transcode/name_table.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

TEST(NameTableTest, FindsNamesOfEveryLengthAndNothingElse) {
  std::vector<std::string> names;
  for (int length = 0; length < 40; ++length) {
    for (const char c : {'a', 'b'}) {
      // Same ends, so that the hash has only the length to go by.
      names.push_back(std::string(length / 2, 'x') + c +
                      std::string(length - length / 2, 'x'));
    }
  }
  std::vector<std::pair<absl::string_view, int>> entries;
  for (const std::string& name : names) {
    entries.emplace_back(name, static_cast<int>(entries.size()));
  }
  const NameTable table(entries);
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(table.Find(names[i]), static_cast<int>(i)) << names[i];
    EXPECT_EQ(table.Find(absl::StrCat(names[i], "y")), NameTable::kNone);
  }
}

TEST(NameTableTest, KeepsTheFirstOfEqualNames) {
  const NameTable table({{"name", 4}, {"name", 5}});
  EXPECT_EQ(table.Find("name"), 4);
}

TEST(NameTableTest, FindsNothingWhenEmpty) {
  EXPECT_EQ(NameTable().Find(""), NameTable::kNone);
  EXPECT_EQ(NameTable().Find("name"), NameTable::kNone);
}

}  // namespace
}  // namespace praxis::gateway
