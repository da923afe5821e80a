#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/access/readable_scopes.h"
#include "services/common/search/tables.h"
#include "services/common/status/status.h"

namespace praxis::search {
namespace {

// How many texts that hold the words are looked through for those of the named
// scopes, before the scopes' own lists are asked. A text costs about 1 us, the
// list of a scope 30 us and more.
constexpr int kLookedThroughMax = 1000;

// Texts of some scopes, before a number.
struct Range {
  const Question& question;
  Rank rank;
  int64_t before;
};

// The words of the query in texts of this rank. The query's own part can name
// no column: see TextQuery.
std::string WordsOf(const sql::TextQuery& query, Rank rank) {
  const std::string words = query.ToFts5();
  const std::string in_title = absl::StrCat("({title} : (", words, "))");
  if (rank == Rank::kTitle) return in_title;
  return absl::StrCat("(({title body} : (", words, ")) NOT ", in_title, ")");
}

// The same within the named scopes.
std::string WordsWithin(const Question& question, Rank rank) {
  const auto hex = [](std::string* out, const std::string& scope) {
    absl::StrAppend(out, "\"", absl::BytesToHexString(scope), "\"");
  };
  return absl::StrCat("({scope} : (",
                      absl::StrJoin(*question.scopes, " OR ", hex), ")) AND ",
                      WordsOf(question.query, rank));
}

Found FoundIn(const sql::Row& row) {
  return {.scope = row.String(1),
          .object = row.String(2),
          .place = absl::StrCat(row.Int(0))};
}

// At most `limit` of what the expression matches, newest first.
absl::Status Match(sql::Reader& reader, const std::string& fts5, int64_t before,
                   int limit, sql::RowCallback row) {
  return reader.Query(
      "SELECT number, search_entries.scope, object "
      "FROM search_index CROSS JOIN search_entries"
      "  ON number = search_index.rowid "
      "WHERE search_index MATCH $1 AND search_index.rowid < $2 "
      "ORDER BY search_index.rowid DESC LIMIT $3",
      {fts5, before, limit}, row);
}

// Each text that holds the words is asked for its scope.
absl::Status FindByAsking(sql::Reader& reader, const Range& range, int limit,
                          std::vector<Found>* found) {
  static const std::string& sql = *new std::string(absl::StrCat(
      "SELECT number, search_entries.scope, object "
      "FROM search_index CROSS JOIN search_entries"
      "  ON number = search_index.rowid "
      "WHERE search_index MATCH $1 AND search_index.rowid < $2 AND ",
      access::IsReadable("search_entries.scope", "$4"),
      " ORDER BY search_index.rowid DESC LIMIT $3"));
  return reader.Query(sql.c_str(),
                      {WordsOf(range.question.query, range.rank), range.before,
                       limit, range.question.principal},
                      [&](const sql::Row& row) {
                        found->push_back(FoundIn(row));
                        return absl::OkStatus();
                      });
}

// Reads where the lists of the scopes and those of the words meet.
absl::Status FindByNaming(sql::Reader& reader, const Range& range, int limit,
                          std::vector<Found>* found) {
  return Match(reader, WordsWithin(range.question, range.rank), range.before,
               limit, [&](const sql::Row& row) {
                 found->push_back(FoundIn(row));
                 return absl::OkStatus();
               });
}

// A few scopes: the lists of the words first, which is all there is to read for
// most words; more and more of them, and in the end where the lists of the
// scopes meet them.
absl::Status FindInSome(sql::Reader& reader, Range range, int limit,
                        std::vector<Found>* found) {
  const std::vector<std::string>& scopes = *range.question.scopes;
  const std::string fts5 = WordsOf(range.question.query, range.rank);
  const size_t wanted = found->size() + limit;
  int looked_through = 0;
  for (int batch = 4 * limit; looked_through < kLookedThroughMax; batch *= 4) {
    int read = 0;
    RETURN_IF_ERROR(
        Match(reader, fts5, range.before, batch, [&](const sql::Row& row) {
          ++read;
          range.before = row.Int(0);
          if (found->size() < wanted &&
              std::find(scopes.begin(), scopes.end(), row.Text(1)) !=
                  scopes.end()) {
            found->push_back(FoundIn(row));
          }
          return absl::OkStatus();
        }));
    if (found->size() == wanted || read < batch) return absl::OkStatus();
    looked_through += read;
  }
  return FindByNaming(reader, range, static_cast<int>(wanted - found->size()),
                      found);
}

absl::Status Enter(sql::Tx& tx, int64_t number, const Text& text) {
  return tx
      .Execute(
          "INSERT INTO search_index (rowid, scope, title, body) "
          "VALUES ($1, hex($2), $3, $4)",
          {number, text.scope, text.title, text.body})
      .status();
}

// An FTS5 index over numbered texts.
class Fts5Tables final : public Tables {
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

absl::Status Fts5Tables::Add(sql::Tx& tx, const Text& text) const {
  // Not by RETURNING, which makes SQLite set a savepoint, before which FTS5
  // writes out what it has gathered. There is one writer.
  ASSIGN_OR_RETURN(const int64_t newest,
                   tx.One("SELECT max(number) FROM search_entries", {}, "",
                          [](const sql::Row& row) { return row.Int(0); }));
  const int64_t number = newest + 1;
  RETURN_IF_ERROR(tx.Execute("INSERT INTO search_entries "
                             "(number, scope, object) VALUES ($1, $2, $3)",
                             {number, text.scope, text.object})
                      .status());
  return Enter(tx, number, text);
}

absl::Status Fts5Tables::Replace(sql::Tx& tx, const Text& before,
                                 const Text& after) const {
  ASSIGN_OR_RETURN(
      const int64_t number,
      tx.One("SELECT number FROM search_entries "
             "WHERE scope = $1 AND object = $2",
             {before.scope, before.object}, "There is no such text.",
             [](const sql::Row& row) { return row.Int(0); }));
  // The index keeps no texts: it is told what it must forget.
  RETURN_IF_ERROR(tx.Execute("INSERT INTO search_index "
                             "(search_index, rowid, scope, title, body) "
                             "VALUES ('delete', $1, hex($2), $3, $4)",
                             {number, before.scope, before.title, before.body})
                      .status());
  return Enter(tx, number, after);
}

absl::Status Fts5Tables::Find(sql::Reader& reader, const Question& question,
                              Rank rank, absl::string_view after, int limit,
                              std::vector<Found>* found) const {
  Range range{question, rank, std::numeric_limits<int64_t>::max()};
  if (!after.empty() && !absl::SimpleAtoi(after, &range.before)) {
    range.before = 0;
  }
  if (!question.scopes.has_value()) {
    return FindByAsking(reader, range, limit, found);
  }
  return question.scopes->size() == 1
             ? FindByNaming(reader, range, limit, found)
             : FindInSome(reader, range, limit, found);
}

absl::Status Fts5Tables::ReadTexts(sql::Reader& reader,
                                   const std::vector<Found>& found,
                                   TextCallback take) const {
  bool more = true;
  for (size_t i = 0; i < found.size() && more; ++i) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(found[i].place, &number)) continue;
    RETURN_IF_ERROR(
        reader.Query("SELECT title, body FROM search_texts WHERE number = $1",
                     {number}, [&](const sql::Row& row) {
                       more = take(i, row.Text(0), row.Text(1));
                       return absl::OkStatus();
                     }));
  }
  return absl::OkStatus();
}

}  // namespace

const Tables& SqliteTables() {
  static const Fts5Tables& tables = *new Fts5Tables;
  return tables;
}

}  // namespace praxis::search
