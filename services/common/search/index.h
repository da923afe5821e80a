// Full-text search over what a caller may read: the one thing whose SQL differs
// by dialect.
#ifndef SERVICES_COMMON_SEARCH_INDEX_H_
#define SERVICES_COMMON_SEARCH_INDEX_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/slice.h"
#include "services/common/sql/text_query.h"

namespace praxis::search {

// What is indexed. Views live as long as the call.
struct Text {
  // The resource name of its scope.
  absl::string_view scope;
  // Which text of the scope: unique there, and meaningful to the service only.
  // It begins with an id that sorts by time, and has no spaces, as the scope.
  absl::string_view object;
  // May be empty.
  absl::string_view title;
  absl::string_view body;
};

// Adds a new text to the index; replaces one, which is told what it said.
absl::Status Add(sql::Tx& tx, const Text& text);
absl::Status Replace(sql::Tx& tx, const Text& before, const Text& after);

// Where to look.
struct Where {
  // One scope; empty: every scope that `principal` may read, by the access
  // projection's tables in the same database.
  std::string scope;
  // Empty: anyone.
  std::string principal;
};

// One text that was found.
struct Hit {
  std::string scope;
  std::string object;
  // The words around the match on one line, plain text, at most 400 bytes.
  std::string snippet;
  // Where it stands in the order: Find goes on after it.
  std::string place;
};

// At most `size` hits after the place `after`, best match first: texts whose
// title holds every word, then other texts that do, each newest first: by the
// order in which they were added, where several processes write by their ids.
//
// The order rests on a text alone, so a place means the same on every page,
// whatever is written in between: a text that is there from the first page to
// the last is given exactly once, a newer one is not, and an edited one keeps
// its place. Ranking by frequency (bm25) gives neither: its scores move with
// every write, and it counts every text that holds a word.
//
// A page ends early once the texts of its hits, which are read for their
// snippets, have sql::kSliceBytesMax bytes.
//
// QUERY_INVALID when the tokenizer cuts the query into more words than
// TextQuery allows (it knows of more punctuation than ASCII's), or leaves less
// of a prefix: each word costs a walk along its list, each word that a prefix
// begins too.
//
// Among 100,000 texts a page costs about 0.3 ms on SQLite and 1 to 3 ms on
// PostgreSQL, however many of them hold the word, but for two: on SQLite a word
// that all texts hold and few titles takes 3 ms, to see that no title does; on
// PostgreSQL a phrase that is rare, of words that are not, 0.2 s.
absl::StatusOr<sql::Slice<Hit>> Find(sql::Reader& reader,
                                     const sql::TextQuery& query,
                                     const Where& where,
                                     absl::string_view after, int size);

// The index's tables. The service's own schema, which comes after it, tells
// them what its texts say: on SQLite by the view search_texts (number, scope,
// title, body), its `scope` in hex(), on PostgreSQL by the function
// search_texts(scope, object), which gives (title, body).
const sql::Schema& IndexSchema();

}  // namespace praxis::search

#endif  // SERVICES_COMMON_SEARCH_INDEX_H_
