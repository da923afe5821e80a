#include "services/common/search/tsvector.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::search {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string TsQueryFor(absl::string_view query) {
  return TsQueryOf(PhrasesOf(*sql::TextQuery::Parse(query)));
}

TEST(TsVector, HasTheScopeAndEveryWordInItsPlace) {
  EXPECT_EQ(TsVectorOf("rooms/a", {"Daily stand-up", "How long? Daily!"}),
            "'@rooms/a' 'daily':1 'stand':2 'up':3 "
            "'how':5 'long':6 'daily':7");
  EXPECT_EQ(TsVectorOf("rooms/a", {""}), "'@rooms/a'");
}

TEST(TsVector, CountsNoFurtherThanPostgresDoes) {
  std::string text;
  for (int i = 0; i < 17'000; ++i) text += "a ";
  const std::string vector = TsVectorOf("s", {text});
  EXPECT_THAT(vector, HasSubstr(":16382 'a':16383 'a':16383"));
  EXPECT_THAT(vector, Not(HasSubstr("16384")));
}

TEST(TsVector, StaysWithinWhatPostgresStores) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) absl::StrAppend(&text, "w", i, " ");
  const std::string vector = TsVectorOf("s", {text});
  // Each of these takes 12 bytes.
  EXPECT_THAT(vector, HasSubstr("'w80000'"));
  EXPECT_THAT(vector, Not(HasSubstr("'w95000'")));
}

TEST(TsQuery, HasWordsPhrasesAndPrefixes) {
  const struct {
    std::string text;
    std::string tsquery;
  } kCases[] = {
      {"kanban", "'kanban'"},
      {"Kanban  BOARD", "'kanban' & 'board'"},
      {"\"daily stand-up\" board", "'daily' <-> 'stand' <-> 'up' & 'board'"},
      {"retro*", "'retro':*"},
      {"\"daily stand\"*", "'daily' <-> 'stand':*"},
      {"gr\xc3\xb6\xc3\x9f"
       "er",
       "'gro\xc3\x9f"
       "er'"},
      {"c++", "'c'"},
  };
  for (const auto& c : kCases) EXPECT_EQ(TsQueryFor(c.text), c.tsquery);
}

TEST(TsQuery, TakesOperatorsForWordsOrForNothing) {
  const struct {
    std::string text;
    std::string tsquery;
  } kCases[] = {
      {"a & !b | c", "'a' & 'b' & 'c'"}, {"a <-> b:*A", "'a' & 'b' <-> 'a'"},
      {"it's", "'it' <-> 's'"},          {"x');DROP", "'x' <-> 'drop'"},
      {"@rooms/a", "'rooms' <-> 'a'"},   {"back\\slash", "'back' <-> 'slash'"},
  };
  for (const auto& c : kCases) EXPECT_EQ(TsQueryFor(c.text), c.tsquery);
}

TEST(TsQuery, NamesTheScopes) {
  const auto phrases = PhrasesOf(*sql::TextQuery::Parse("one two"));
  EXPECT_EQ(TsQueryOf(phrases, {"rooms/a"}), "('@rooms/a') & 'one' & 'two'");
  EXPECT_EQ(TsQueryOf(phrases, {"rooms/a", "it's\\"}),
            "('@rooms/a' | '@it''s\\\\') & 'one' & 'two'");
}

}  // namespace
}  // namespace praxis::search
