#include "services/common/search/words.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> WordsOf(absl::string_view text) {
  std::vector<std::string> words;
  ForEachWord(text, [&](absl::string_view word, Extent) {
    words.emplace_back(word);
    return true;
  });
  return words;
}

TEST(Words, AreLettersAndDigitsWithoutCaseAndAccents) {
  EXPECT_THAT(WordsOf("Daily stand-up, 9:30!"),
              ElementsAre("daily", "stand", "up", "9", "30"));
  EXPECT_THAT(WordsOf("CAF\xc3\x89 Z\xc3\xbcrich e\xcc\x81t\xc3\xa9"),
              ElementsAre("cafe", "zurich", "ete"));
  EXPECT_THAT(WordsOf("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"),
              ElementsAre("\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"));
  EXPECT_THAT(WordsOf(""), IsEmpty());
  EXPECT_THAT(WordsOf(" \xe2\x80\xa6 ... @ ' \\ \""), IsEmpty());
}

TEST(Words, SayWhereTheyStand) {
  const std::string text = "\xc3\x89t\xc3\xa9, 2024";
  std::vector<std::string> places;
  ForEachWord(text, [&](absl::string_view word, Extent extent) {
    places.push_back(absl::StrCat(
        word, "=", text.substr(extent.begin, extent.end - extent.begin)));
    return true;
  });
  EXPECT_THAT(places, ElementsAre("ete=\xc3\x89t\xc3\xa9", "2024=2024"));
}

TEST(Words, EndWhenToldTo) {
  int words = 0;
  ForEachWord("one two three",
              [&](absl::string_view, Extent) { return ++words < 2; });
  EXPECT_EQ(words, 2);
}

TEST(Words, AreCutAfterTheirBeginningAtAWholeCharacter) {
  std::string word = "x";
  for (int i = 0; i < 300; ++i) word += "\xd0\xb6";
  EXPECT_THAT(WordsOf(word), ElementsAre(word.substr(0, 255)));
  EXPECT_THAT(WordsOf(word.substr(1)), ElementsAre(word.substr(1, 254)));
}

TEST(Words, AreTheSameOnEveryThread) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      const std::string text = absl::StrCat("W\xc3\x96RT", i, " noch eins");
      for (int round = 0; round < 1000; ++round) {
        ASSERT_THAT(WordsOf(text),
                    ElementsAre(absl::StrCat("wort", i), "noch", "eins"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// "one two* | three" of a query.
std::string PhrasesIn(absl::string_view query) {
  return absl::StrJoin(PhrasesOf(*sql::TextQuery::Parse(query)), " | ",
                       [](std::string* out, const Phrase& phrase) {
                         absl::StrAppend(out, absl::StrJoin(phrase.words, " "),
                                         phrase.prefix ? "*" : "");
                       });
}

TEST(Phrases, AreTheTermsOfAQueryCutIntoWords) {
  EXPECT_EQ(PhrasesIn("Kanban board"), "kanban | board");
  EXPECT_EQ(PhrasesIn("stand-up \"Two Caf\xc3\xa9s\""), "stand up | two cafes");
  EXPECT_EQ(PhrasesIn("retro* \"daily stand\"*"), "retro* | daily stand*");
  EXPECT_EQ(PhrasesIn("\xe2\x80\xa6 word"), "word");
  EXPECT_EQ(PhrasesIn("\xe2\x80\xa6"), "");
}

}  // namespace
}  // namespace praxis::search
