// What a page of twenty hits costs among 100,000 texts in 100 scopes, by how
// many scopes the caller may read and how common the word is; on SQLite, or on
// PostgreSQL where PRAXIS_TEST_POSTGRES names a cluster.
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "services/common/access/projection.h"
#include "services/common/search/index.h"
#include "services/common/sql/migrate.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"

namespace praxis::search {
namespace {

constexpr int kTexts = 100'000;
constexpr int kScopes = 100;
constexpr int kWords = 20'000;
constexpr int kPage = 20;

constexpr char kTables[] = R"(
CREATE TABLE texts (
  scope TEXT NOT NULL, object TEXT NOT NULL, title TEXT NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY (object, scope)
)
-- sqlite
WITHOUT ROWID;
CREATE VIEW search_texts AS
SELECT number, hex(entry.scope) AS scope, title, body
FROM search_entries entry JOIN texts
  ON texts.scope = entry.scope AND texts.object = entry.object;
-- end
-- postgres
;
CREATE FUNCTION search_texts(scope TEXT, object TEXT)
RETURNS TABLE (title TEXT, body TEXT) LANGUAGE SQL STABLE AS $$
  SELECT texts.title, texts.body FROM texts
  WHERE texts.scope = $1 AND texts.object = $2
$$;
-- end
)";

void Require(const absl::Status& status) {
  if (!status.ok()) std::abort();
}

std::string ScopeName(int i) { return absl::StrCat("communities/c", i); }

// Words as they are spread in a language: the n-th is n times rarer.
std::string SomeWords(std::mt19937& random, int count) {
  static auto& spread = *new std::uniform_real_distribution<double>(0, 1);
  std::string words;
  for (int i = 0; i < count; ++i) {
    const int word = static_cast<int>(std::pow(kWords, spread(random)));
    absl::StrAppend(&words, i == 0 ? "" : " ", "w", word);
  }
  return words;
}

absl::Status AddText(sql::Tx& tx, std::mt19937& random, int i) {
  const std::string scope = ScopeName(i % kScopes);
  const std::string object = absl::StrCat("01h", 1'000'000 + i);
  const std::string title = i % 10 == 0 ? SomeWords(random, 5) : "";
  std::string body = SomeWords(random, 20 + random() % 80);
  absl::StrAppend(&body, " common ", SomeWords(random, 20 + random() % 80));
  if (random() % 100 == 0) absl::StrAppend(&body, " middling");
  if (random() % 20'000 == 0) absl::StrAppend(&body, " rare");
  RETURN_IF_ERROR(tx.Execute("INSERT INTO texts (scope, object, title, body) "
                             "VALUES ($1, $2, $3, $4)",
                             {scope, object, title, body})
                      .status());
  return Add(tx, {scope, object, title, body});
}

// "members/n" may read n scopes.
absl::Status AddScopes(sql::Tx& tx) {
  for (int scope = 0; scope < kScopes; ++scope) {
    RETURN_IF_ERROR(tx.Execute("INSERT INTO access_scopes (scope, visibility) "
                               "VALUES ($1, 2)",
                               {ScopeName(scope)})
                        .status());
    for (const int few : {1, 5, 16, 20, 100}) {
      if (scope >= few) continue;
      RETURN_IF_ERROR(
          tx.Execute("INSERT INTO access_grants (scope, principal, role) "
                     "VALUES ($1, $2, 1)",
                     {ScopeName(scope), absl::StrCat("members/", few)})
              .status());
    }
  }
  return absl::OkStatus();
}

sql::Database& Filled() {
  static sql::Database& db = *[] {
    std::unique_ptr<sql::Database> db = *praxis::testing::OpenTestDatabase();
    Require(sql::Migrate(
        *db, {access::ProjectionSchema(),
              IndexSchema(),
              {.component = "texts", .migrations = {{"0001_init", kTables}}}}));
    std::mt19937 random(7);
    for (int i = 0; i < kTexts; i += 1000) {
      Require(db->Write([&](sql::Tx& tx) -> absl::Status {
        for (int j = i; j < i + 1000; ++j) {
          RETURN_IF_ERROR(AddText(tx, random, j));
        }
        return absl::OkStatus();
      }));
    }
    Require(db->Write(AddScopes));
    return db.release();
  }();
  return db;
}

void PageOf(benchmark::State& state, const std::string& word, int scopes) {
  sql::Database& db = Filled();
  const sql::TextQuery query = *sql::TextQuery::Parse(word);
  const Where where = {.principal = absl::StrCat("members/", scopes)};
  size_t hits = 0;
  for (auto _ : state) {
    Require(db.Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(const sql::Slice<Hit> found,
                       Find(reader, query, where, "", kPage));
      hits = found.items.size();
      return absl::OkStatus();
    }));
  }
  state.counters["hits"] = hits;
}

[[maybe_unused]] const bool registered = [] {
  for (const char* word : {"common", "middling", "rare", "absent",
                           "\"common w1\"", "w100", "mid*"}) {
    for (const int scopes : {1, 5, 16, 20, 100}) {
      benchmark::RegisterBenchmark(absl::StrCat(word, "/", scopes).c_str(),
                                   PageOf, word, scopes)
          ->Unit(benchmark::kMicrosecond)
          ->MinTime(0.2);
    }
  }
  return true;
}();

}  // namespace
}  // namespace praxis::search
