// Words: how a text is cut into what can be searched for.
#ifndef SERVICES_COMMON_SEARCH_WORDS_H_
#define SERVICES_COMMON_SEARCH_WORDS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/text_query.h"

namespace praxis::search {

// Where in the text a word stands, in bytes.
struct Extent {
  size_t begin = 0;
  size_t end = 0;
};

// Of longer ones only the beginning counts. PostgreSQL takes no word of 2 KiB.
inline constexpr size_t kWordBytesMax = 255;

// Calls `take` for each word of `text`, in order, in lower case and without
// accents, until it answers false. It is SQLite's own tokenizer (unicode61 with
// remove_diacritics 2) that cuts, on either database: one rule for what a word
// is, and no table of Unicode's letters of our own. About 10 ns a byte.
void ForEachWord(
    absl::string_view text,
    absl::FunctionRef<bool(absl::string_view word, Extent extent)> take);

// Words that must stand next to each other.
struct Phrase {
  // One or more.
  std::vector<std::string> words;
  // Whether the last word is only how a word begins.
  bool prefix = false;
};

// The terms of a query, cut into words. One in which there is none is left out.
std::vector<Phrase> PhrasesOf(const sql::TextQuery& query);

}  // namespace praxis::search

#endif  // SERVICES_COMMON_SEARCH_WORDS_H_
