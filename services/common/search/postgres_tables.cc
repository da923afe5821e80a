#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/access/readable_scopes.h"
#include "services/common/search/tables.h"
#include "services/common/search/tsvector.h"
#include "services/common/status/status.h"

namespace praxis::search {
namespace {

// How many of the newest texts are looked through before the words are looked
// up. A GIN index gives its texts in no order: all that hold a word are found
// before the newest are chosen, 64 ms for 100,000 of them. A word that so many
// hold is on a page of the newest, which are read in order at 1 us a text.
// Where the first look through shows a tenth of what is wanted, a second goes
// as much farther; where it shows less, the word is rare, and looked up soon.
constexpr int kLookedThrough = 1000;
constexpr int kLookedThroughMax = 10 * kLookedThrough;

// Texts read at once, each of up to half a MiB: so many may be read in vain.
constexpr size_t kTextsMax = 8;

// After every place: ids are digits and letters.
constexpr char kAfterAll[] = "~";

// A text's place in the order, over all scopes. It is an expression, for which
// there is an index of its own: by the two columns PostgreSQL might walk
// through the texts of every scope to find those of one.
constexpr char kPlace[] = "(object || ' ' || scope)";

// Whether a text is of the rank and matches `query`, a parameter, which is text
// until it is cast: that is all a driver knows.
std::string Matches(Rank rank, absl::string_view query) {
  const std::string tsquery = absl::StrCat("(", query, "::TEXT)::TSQUERY");
  if (rank == Rank::kTitle) return absl::StrCat("title @@ ", tsquery);
  return absl::StrCat("words @@ ", tsquery, " AND (title @@ ", tsquery,
                      ") IS NOT TRUE");
}

// Picks the index of the texts that have a title.
absl::string_view OfRank(Rank rank) {
  return rank == Rank::kTitle ? " AND title IS NOT NULL" : "";
}

// The statements of one rank. Their subqueries are fences: the planner neither
// looks the words up where the newest texts are to be read, nor reads in order
// where they are to be looked up.
struct Statements {
  explicit Statements(Rank rank);

  // At most $5, of the scope $1 and before the object $2, among the newest $3,
  // that match $4.
  std::string newest_in_scope;
  // At most $4 before the place $1, among the newest $2, that match $3 and that
  // $5 may read.
  std::string newest;
  // At most $3 before the place $1 that match $2, which names their scopes.
  std::string matching_in_scopes;
  // At most $3 before the place $1 that match $2 and that $4 may read.
  std::string matching;
};

Statements::Statements(Rank rank) {
  const std::string texts =
      absl::StrCat("(SELECT scope, object, title, words, ", kPlace,
                   " AS place FROM search_entries WHERE ");
  const std::string found = "SELECT scope, object, place FROM ";
  newest_in_scope =
      absl::StrCat(found, texts, "scope = $1 AND object < $2", OfRank(rank),
                   " ORDER BY object DESC LIMIT $3) AS newest WHERE ",
                   Matches(rank, "$4"), " ORDER BY object DESC LIMIT $5");
  newest = absl::StrCat(found, texts, kPlace, " < $1", OfRank(rank),
                        " ORDER BY place DESC LIMIT $2) AS newest WHERE ",
                        Matches(rank, "$3"), " AND ",
                        access::IsReadable("newest.scope", "$5"),
                        " ORDER BY place DESC LIMIT $4");
  const std::string matching_texts = absl::StrCat(
      "WITH matching AS MATERIALIZED (SELECT scope, object, ", kPlace,
      " AS place FROM search_entries WHERE ", Matches(rank, "$2"), ") ", found,
      "matching WHERE place < $1");
  matching_in_scopes =
      absl::StrCat(matching_texts, " ORDER BY place DESC LIMIT $3");
  matching = absl::StrCat(matching_texts, " AND ",
                          access::IsReadable("matching.scope", "$4"),
                          " ORDER BY place DESC LIMIT $3");
}

const Statements& StatementsOf(Rank rank) {
  static const Statements& title = *new Statements(Rank::kTitle);
  static const Statements& text = *new Statements(Rank::kText);
  return rank == Rank::kTitle ? title : text;
}

absl::Status Take(const sql::Row& row, std::vector<Found>* found) {
  found->push_back({row.String(0), row.String(1), row.String(2)});
  return absl::OkStatus();
}

// Reads at most `window` texts before `before`, newest first.
absl::Status FindAmongNewest(sql::Reader& reader, const Question& question,
                             Rank rank, absl::string_view before, int window,
                             int limit, std::vector<Found>* found) {
  const Statements& statements = StatementsOf(rank);
  const std::string query = TsQueryOf(question.phrases);
  const auto take = [&](const sql::Row& row) { return Take(row, found); };
  if (!question.scopes.has_value() || question.scopes->size() > 1) {
    return reader.Query(statements.newest.c_str(),
                        {before, window, query, limit, question.principal},
                        take);
  }
  const absl::string_view object = before.substr(0, before.find(' '));
  return reader.Query(statements.newest_in_scope.c_str(),
                      {question.scopes->front(), object, window, query, limit},
                      take);
}

// Reads all texts that hold the words.
absl::Status LookUp(sql::Reader& reader, const Question& question, Rank rank,
                    absl::string_view before, int limit,
                    std::vector<Found>* found) {
  const Statements& statements = StatementsOf(rank);
  const auto take = [&](const sql::Row& row) { return Take(row, found); };
  if (!question.scopes.has_value()) {
    return reader.Query(
        statements.matching.c_str(),
        {before, TsQueryOf(question.phrases), limit, question.principal}, take);
  }
  return reader.Query(
      statements.matching_in_scopes.c_str(),
      {before, TsQueryOf(question.phrases, *question.scopes), limit}, take);
}

// A tsvector of each text, and which words are in its title.
class TsVectorTables final : public Tables {
 public:
  absl::Status Add(sql::Tx& tx, const Text& text) const override;
  absl::Status Replace(sql::Tx& tx, const Text& before,
                       const Text& after) const override;
  absl::Status Find(sql::Reader& reader, const Question& question, Rank rank,
                    absl::string_view after, int limit,
                    std::vector<Found>* found) const override;
  absl::Status ReadTexts(sql::Reader& reader, const std::vector<Found>& found,
                         TextCallback take) const override;
};

// What the index keeps of a text.
struct Vectors {
  explicit Vectors(const Text& text)
      : title(TsVectorOf(text.scope, {text.title})),
        words(TsVectorOf(text.scope, {text.title, text.body})),
        titled(!text.title.empty()) {}

  sql::Param Title() const {
    return titled ? sql::Param(title) : sql::Param::Null();
  }

  const std::string title;
  const std::string words;
  const bool titled;
};

// An object that begins with an id goes to the end of its scope's index; no
// number is given, for which writers would wait.
absl::Status TsVectorTables::Add(sql::Tx& tx, const Text& text) const {
  const Vectors vectors(text);
  return tx
      .Execute(
          "INSERT INTO search_entries (scope, object, title, words) "
          "VALUES ($1, $2, ($3::TEXT)::TSVECTOR, ($4::TEXT)::TSVECTOR)",
          {text.scope, text.object, vectors.Title(), vectors.words})
      .status();
}

absl::Status TsVectorTables::Replace(sql::Tx& tx, const Text& /*before*/,
                                     const Text& after) const {
  const Vectors vectors(after);
  ASSIGN_OR_RETURN(
      const int64_t replaced,
      tx.Execute("UPDATE search_entries SET title = ($3::TEXT)::TSVECTOR, "
                 "words = ($4::TEXT)::TSVECTOR "
                 "WHERE scope = $1 AND object = $2",
                 {after.scope, after.object, vectors.Title(), vectors.words}));
  return replaced == 1 ? absl::OkStatus()
                       : sql::NotFound("There is no such text.");
}

absl::Status TsVectorTables::Find(sql::Reader& reader, const Question& question,
                                  Rank rank, absl::string_view after, int limit,
                                  std::vector<Found>* found) const {
  std::string before(after.empty() ? kAfterAll : after);
  const size_t wanted = found->size() + limit;
  int missing = limit;
  for (int window = kLookedThrough; window <= kLookedThroughMax; window *= 10) {
    RETURN_IF_ERROR(FindAmongNewest(reader, question, rank, before, window,
                                    missing, found));
    const int found_now = missing - static_cast<int>(wanted - found->size());
    missing -= found_now;
    if (missing == 0) return absl::OkStatus();
    if (found_now > 0) before = found->back().place;
    if (found_now * 10 < limit) break;
  }
  return LookUp(reader, question, rank, before, missing, found);
}

// By the service's function search_texts, which takes a text's key apart; names
// hold no newline.
absl::Status TsVectorTables::ReadTexts(sql::Reader& reader,
                                       const std::vector<Found>& found,
                                       TextCallback take) const {
  bool more = true;
  for (size_t begin = 0; begin < found.size() && more; begin += kTextsMax) {
    const auto first = found.begin() + begin;
    const auto end = found.begin() + std::min(begin + kTextsMax, found.size());
    const std::string scopes = absl::StrJoin(
        first, end, "\n", [](std::string* out, const Found& text) {
          absl::StrAppend(out, text.scope);
        });
    const std::string objects = absl::StrJoin(
        first, end, "\n", [](std::string* out, const Found& text) {
          absl::StrAppend(out, text.object);
        });
    RETURN_IF_ERROR(reader.Query(
        "SELECT hit.place, said.title, said.body FROM unnest("
        "string_to_array($1, chr(10)), string_to_array($2, chr(10))) "
        "WITH ORDINALITY AS hit(scope, object, place) "
        "CROSS JOIN LATERAL search_texts(hit.scope, hit.object) AS said "
        "ORDER BY hit.place",
        {scopes, objects}, [&](const sql::Row& row) {
          more = more && take(begin + row.Int(0) - 1, row.Text(1), row.Text(2));
          return absl::OkStatus();
        }));
  }
  return absl::OkStatus();
}

}  // namespace

const Tables& PostgresTables() {
  static const TsVectorTables& tables = *new TsVectorTables;
  return tables;
}

}  // namespace praxis::search
