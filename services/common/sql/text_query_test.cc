#include "services/common/sql/text_query.h"

#include <sqlite3.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;

// The FTS5 expression of a query, or the reason it is refused.
std::string Fts5Of(const std::string& text) {
  const absl::StatusOr<TextQuery> query = TextQuery::Parse(text);
  return query.ok() ? query->ToFts5()
                    : errors::v1::Reason_Name(ReasonOf(query.status()));
}

TEST(TextQuery, ReadsWordsPhrasesAndPrefixes) {
  const struct {
    std::string text;
    std::string fts5;
  } kCases[] = {
      {"kanban", R"("kanban")"},
      {"  kanban \t board\n", R"("kanban" "board")"},
      {R"("daily stand-up" board)", R"("daily stand-up" "board")"},
      {"retro*", R"("retro" *)"},
      {"retro**", R"("retro" *)"},
      {R"("daily stand"*)", R"("daily stand" *)"},
      {R"(one"two three"four)", R"("one" "two three" "four")"},
      {"gr\xc3\xb6\xc3\x9f"
       "e",
       "\"gr\xc3\xb6\xc3\x9f"
       "e\""},
      {"\xe7\x9c\x8b*", "\"\xe7\x9c\x8b\" *"},
      // A word twice is looked for once; a prefix of it is something else.
      {"ape ape ape* ape", R"("ape" "ape" *)"},
      // Punctuation by itself is dropped, within a word it is kept.
      {"- c++ * ... !", R"("c++")"},
      {R"("" "..." word)", R"("word")"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Fts5Of(c.text), c.fts5) << c.text;
}

TEST(TextQuery, TakesOperatorsForWords) {
  const struct {
    std::string text;
    std::string fts5;
  } kCases[] = {
      {"a AND b", R"("a" "AND" "b")"},
      {"NOT a", R"("NOT" "a")"},
      {"title:secret", R"("title:secret")"},
      {"{title body}:x", R"("{title" "body}:x")"},
      {"NEAR(a b, 2)", R"q("NEAR(a" "b," "2)")q"},
      {"^first", R"("^first")"},
      {"a + b", R"("a" "b")"},
      {"x');DROP", R"q("x');DROP")q"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Fts5Of(c.text), c.fts5) << c.text;
}

TEST(TextQuery, RefusesWhatIsMalformed) {
  for (const std::string text :
       {"", " ", "*", "...", R"("")", R"("open)", R"(a "b c" ")", R"(")", "a*",
        "ab*", R"("whole ab"*)", "c++*"}) {
    EXPECT_THAT(TextQuery::Parse(text), FailsWith(Reason::QUERY_INVALID))
        << text;
  }
}

TEST(TextQuery, BoundsTheNumberOfDifferentWords) {
  std::string words;
  for (size_t i = 0; i < TextQuery::kWordsMax; ++i) {
    absl::StrAppend(&words, "word", i, " ");
  }
  EXPECT_THAT(TextQuery::Parse(words + words), Succeeds());
  EXPECT_THAT(TextQuery::Parse(words + "more"),
              FailsWith(Reason::QUERY_INVALID));
  // Those of a phrase count, however they are held together.
  EXPECT_THAT(TextQuery::Parse(absl::StrCat("\"", words, "more\"")),
              FailsWith(Reason::QUERY_INVALID));
  EXPECT_THAT(
      TextQuery::Parse(absl::StrReplaceAll(words + "more", {{" ", "-"}})),
      FailsWith(Reason::QUERY_INVALID));
}

// An FTS5 table in memory to hold queries against.
class Fts5Test : public ::testing::Test {
 protected:
  Fts5Test() {
    sqlite3_open(":memory:", &db_);
    Run("CREATE VIRTUAL TABLE texts USING fts5(secret, body)");
    Run("INSERT INTO texts (secret, body) VALUES ('hidden', 'Daily stand-up "
        "of the kanban team')");
  }
  ~Fts5Test() override { sqlite3_close(db_); }

  void Run(const char* sql) {
    ASSERT_EQ(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db_);
  }

  // How many rows match in the column body; -1 when FTS5 cannot read it.
  int Matches(const std::string& fts5) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db_, "SELECT count(*) FROM texts WHERE texts MATCH ?",
                       -1, &statement, nullptr);
    const std::string expression = absl::StrCat("body : (", fts5, ")");
    sqlite3_bind_text(statement, 1, expression.data(), expression.size(),
                      SQLITE_STATIC);
    const int count = sqlite3_step(statement) == SQLITE_ROW
                          ? sqlite3_column_int(statement, 0)
                          : -1;
    sqlite3_finalize(statement);
    return count;
  }

  sqlite3* db_ = nullptr;
};

TEST_F(Fts5Test, FindsWhatTheQueryMeans) {
  const struct {
    std::string text;
    int matches;
  } kCases[] = {
      {"kanban daily", 1},
      {"kanban missing", 0},
      {R"("the kanban")", 1},
      {R"("kanban the")", 0},
      {"kan*", 1},
      {"kan", 0},
      {"stand-up", 1},
      {"up-stand", 0},
      {R"("the kan"*)", 1},
      {"DAILY", 1},
      {"secret:hidden", 0},
      {"hidden", 0},
      {"kanban \xe2\x80\xa6", 1},  // An ellipsis is no word.
      {"\xe2\x80\xa6", 0},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Matches(Fts5Of(c.text)), c.matches) << c.text;
  }
}

TEST_F(Fts5Test, ReadsEveryExpressionMadeOfWhateverIsTyped) {
  const std::vector<std::string> pieces = {
      "a",    "kanban",   "\"",
      "*",    " ",        "(",
      ")",    "{",        "}",
      ":",    "-",        "^",
      "+",    ",",        "'",
      ";",    "\\",       "AND ",
      "OR ",  "NOT ",     "NEAR",
      "body", "\n",       "%",
      "_",    "\xc3\xa9", "\xf0\x9f\x8e\x89",
      "\x01"};
  const auto seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (int n = random() % 12; n >= 0; --n) {
      text += pieces[random() % pieces.size()];
    }
    const absl::StatusOr<TextQuery> query = TextQuery::Parse(text);
    if (!query.ok()) {
      EXPECT_THAT(query, FailsWith(Reason::QUERY_INVALID));
      continue;
    }
    EXPECT_GE(Matches(query->ToFts5()), 0) << text;
  }
}

}  // namespace
}  // namespace praxis::sql
