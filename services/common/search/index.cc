#include "services/common/search/index.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/common/access/readable_scopes.h"
#include "services/common/search/schema/schema.h"
#include "services/common/status/status.h"

namespace praxis::search {
namespace {

constexpr size_t kSnippetBytesMax = 400;

// The classes of the order, the best first. The numbers are in page tokens and
// are those of the column of search_index that the snippet is taken from.
enum class Rank { kTitle = 1, kText = 2 };
constexpr std::array kRanks = {Rank::kTitle, Rank::kText};

// Where in the order a page begins: after this number of this rank.
struct Place {
  Rank rank = kRanks.front();
  int64_t number = std::numeric_limits<int64_t>::max();
};

std::string Write(const Place& place) {
  return absl::StrCat(static_cast<int>(place.rank), ".", place.number);
}

// Places come out of sealed page tokens, so they are as they were written.
Place Read(absl::string_view text) {
  Place place;
  if (text.empty()) return place;
  place.rank = text[0] == '1' ? Rank::kTitle : Rank::kText;
  if (!absl::SimpleAtoi(text.substr(2), &place.number)) place.number = 0;
  return place;
}

// One line, cut before the character that would not fit.
std::string Tidy(absl::string_view snippet) {
  std::string line = absl::StrJoin(
      absl::StrSplit(snippet, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty()),
      " ");
  if (line.size() <= kSnippetBytesMax) return line;
  size_t end = kSnippetBytesMax;
  while (end > 0 && (line[end] & 0xc0) == 0x80) --end;
  return line.substr(0, end);
}

// The scopes a search is confined to by their names; none when each text is
// asked for its own.
using Named = std::optional<std::vector<std::string>>;

absl::StatusOr<Named> NamedIn(sql::Reader& reader, const Where& where) {
  if (where.scope.empty()) {
    return access::ReadableIfFew(reader, where.principal);
  }
  return Named({where.scope});
}

// The words of `query` in texts of this rank. The query's own part can name no
// column: see TextQuery.
std::string Fts5Of(const sql::TextQuery& query, Rank rank, const Named& named) {
  const std::string words = query.ToFts5();
  const std::string in_title = absl::StrCat("({title} : (", words, "))");
  const std::string ranked =
      rank == Rank::kTitle
          ? in_title
          : absl::StrCat("(({title body} : (", words, ")) NOT ", in_title, ")");
  if (!named.has_value()) return ranked;
  return absl::StrCat(
      "({scope} : (",
      absl::StrJoin(*named, " OR ",
                    [](std::string* out, const std::string& scope) {
                      absl::StrAppend(out, "\"", absl::BytesToHexString(scope),
                                      "\"");
                    }),
      ")) AND ", ranked);
}

// At most `limit` texts after `place`, within its rank.
absl::Status FindRank(sql::Reader& reader, const sql::TextQuery& query,
                      const Named& named, absl::string_view principal,
                      const Place& place, int limit, std::vector<Hit>* hits) {
  static const char kNamed[] =
      "SELECT number, search_entries.scope, object,"
      "  snippet(search_index, $3, '', '', '\u2026', 32) "
      "FROM search_index CROSS JOIN search_entries"
      "  ON number = search_index.rowid "
      "WHERE search_index MATCH $1 AND search_index.rowid < $2 "
      "ORDER BY search_index.rowid DESC LIMIT $4";
  static const std::string& asked = *new std::string(absl::StrCat(
      "SELECT number, search_entries.scope, object,"
      "  snippet(search_index, $3, '', '', '\u2026', 32) "
      "FROM search_index CROSS JOIN search_entries"
      "  ON number = search_index.rowid "
      "WHERE search_index MATCH $1 AND search_index.rowid < $2 AND ",
      access::IsReadable("search_entries.scope", "$5"),
      " ORDER BY search_index.rowid DESC LIMIT $4"));
  const auto take = [&](const sql::Row& row) {
    hits->push_back({.scope = row.String(1),
                     .object = row.String(2),
                     .snippet = Tidy(row.Text(3)),
                     .place = Write({place.rank, row.Int(0)})});
    return absl::OkStatus();
  };
  const std::string fts5 = Fts5Of(query, place.rank, named);
  return named.has_value()
             ? reader.Query(kNamed, {fts5, place.number, place.rank, limit},
                            take)
             : reader.Query(asked.c_str(),
                            {fts5, place.number, place.rank, limit, principal},
                            take);
}

absl::Status Enter(sql::Tx& tx, int64_t number, const Text& text) {
  return tx
      .Execute(
          "INSERT INTO search_index (rowid, scope, title, body) "
          "VALUES ($1, hex($2), $3, $4)",
          {number, text.scope, text.title, text.body})
      .status();
}

}  // namespace

absl::Status Add(sql::Tx& tx, const Text& text) {
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

absl::Status Replace(sql::Tx& tx, const Text& before, const Text& after) {
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

absl::StatusOr<std::vector<Hit>> Find(sql::Reader& reader,
                                      const sql::TextQuery& query,
                                      const Where& where,
                                      absl::string_view after, int limit) {
  ASSIGN_OR_RETURN(const Named named, NamedIn(reader, where));
  std::vector<Hit> hits;
  // Nothing to read, nothing to find.
  if (named.has_value() && named->empty()) return hits;

  const Place begin = Read(after);
  for (const Rank rank : kRanks) {
    const int missing = limit - static_cast<int>(hits.size());
    if (rank < begin.rank || missing == 0) continue;
    const Place place = rank == begin.rank ? begin : Place{.rank = rank};
    RETURN_IF_ERROR(
        FindRank(reader, query, named, where.principal, place, missing, &hits));
  }
  return hits;
}

const sql::Schema& IndexSchema() {
  static const sql::Schema& schema = *new sql::Schema(SearchSchema());
  return schema;
}

}  // namespace praxis::search
