#include "services/common/search/snippet.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::search {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kEllipsis[] = "\xe2\x80\xa6";

std::string SnippetOf(absl::string_view query, absl::string_view text) {
  return Snippet(PhrasesOf(*sql::TextQuery::Parse(query)), text);
}

// "w0 w1 w2 ..." with some words in other places.
std::string Text(int words,
                 const std::vector<std::pair<int, std::string>>& at) {
  std::vector<std::string> text;
  for (int i = 0; i < words; ++i) text.push_back(absl::StrCat("w", i));
  for (const auto& [place, word] : at) text[place] = word;
  return absl::StrJoin(text, " ");
}

TEST(Snippet, IsTheWholeOfAShortTextOnOneLine) {
  EXPECT_EQ(SnippetOf("needle", "One <b>needle</b>\n\n* in   a\tlist."),
            "One <b>needle</b> * in a list.");
  EXPECT_EQ(SnippetOf("needle", "needle"), "needle");
  EXPECT_EQ(SnippetOf("needle", ""), "");
}

TEST(Snippet, ShowsWhatStandsAroundTheMatch) {
  const std::string snippet = SnippetOf("needle", Text(200, {{100,
                                                              "N\xc3\xa9"
                                                              "edle,"}}));
  EXPECT_THAT(snippet, HasSubstr("w99 N\xc3\xa9"
                                 "edle, w101"));
  EXPECT_THAT(snippet, StartsWith(absl::StrCat(kEllipsis, "w8")));
  EXPECT_THAT(snippet, EndsWith(kEllipsis));
  const std::vector<std::string> words = absl::StrSplit(snippet, ' ');
  EXPECT_EQ(words.size(), kSnippetWordsMax);
}

TEST(Snippet, LeavesNothingOutAtTheEndsOfTheText) {
  const std::string first = SnippetOf("w0", Text(200, {}));
  EXPECT_THAT(first, StartsWith("w0 w1 "));
  EXPECT_THAT(first, EndsWith(absl::StrCat("w31", kEllipsis)));
  const std::string last = SnippetOf("w199", Text(200, {}) + " (end)?");
  EXPECT_THAT(last, StartsWith(absl::StrCat(kEllipsis, "w169 ")));
  EXPECT_THAT(last, EndsWith("w199 (end)?"));
  // One word more than it shows.
  EXPECT_THAT(SnippetOf("w0", Text(33, {})),
              EndsWith(absl::StrCat("w31", kEllipsis)));
  EXPECT_EQ(SnippetOf("w0", Text(32, {})), Text(32, {}));
}

TEST(Snippet, PrefersThePlaceThatHoldsTheMostOfTheQuery) {
  const std::string text = Text(300, {{10, "ape"},
                                      {60, "bee"},
                                      {100, "ape"},
                                      {110, "bee"},
                                      {115, "cat"},
                                      {200, "ape"},
                                      {205, "bee"},
                                      {210, "cat"}});
  const std::string snippet = SnippetOf("cat ape bee", text);
  EXPECT_THAT(snippet, HasSubstr("w99 ape w101"));
  EXPECT_THAT(snippet, HasSubstr("bee"));
  EXPECT_THAT(snippet, HasSubstr("cat"));
  // The first of equal ones.
  EXPECT_THAT(SnippetOf("ape", text), HasSubstr("w9 ape"));
  // Words far apart: the first.
  EXPECT_THAT(SnippetOf("w5 w250", text), StartsWith("w0 "));
}

TEST(Snippet, KnowsPhrasesAndPrefixes) {
  const std::string text =
      Text(300, {{10, "up"}, {50, "stand"}, {100, "stand-up"}, {200, "upper"}});
  EXPECT_THAT(SnippetOf("\"stand up\"", text), HasSubstr("w99 stand-up"));
  EXPECT_THAT(SnippetOf("\"up stand\"", text), StartsWith("w0 "));
  EXPECT_THAT(SnippetOf("upp*", text), HasSubstr("w199 upper"));
  EXPECT_THAT(SnippetOf("upp", text), StartsWith("w0 "));
  EXPECT_THAT(SnippetOf("\"w199 upp\"*", text), HasSubstr("w199 upper"));
}

TEST(Snippet, HasItsMatchWithinItsBytes) {
  const std::string text =
      absl::StrCat(std::string(300, 'x'), " ", std::string(150, 'y'),
                   " needle ", std::string(500, 'z'));
  const std::string snippet = SnippetOf("needle", text);
  EXPECT_THAT(snippet, HasSubstr("yy needle zz"));
  EXPECT_THAT(snippet, Not(HasSubstr("x")));
  EXPECT_EQ(snippet.size(), kSnippetBytesMax);
}

TEST(Snippet, CutsNoCharacter) {
  std::string word;
  for (int i = 0; i < 1000; ++i) word += "\xc3\xa9";
  // 400 bytes, of which the last would have been half a character.
  EXPECT_EQ(SnippetOf("title", "title" + word),
            ("title" + word).substr(0, 399));
}

}  // namespace
}  // namespace praxis::search
