// Snippets: the words around a match.
#ifndef SERVICES_COMMON_SEARCH_SNIPPET_H_
#define SERVICES_COMMON_SEARCH_SNIPPET_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/common/search/words.h"

namespace praxis::search {

// What a snippet shows at the most.
inline constexpr int kSnippetWordsMax = 32;
inline constexpr size_t kSnippetBytesMax = 400;

// The part of `text` that holds the most of `phrases`, the first of equal ones,
// and what stands around it; with an ellipsis where something was left out. One
// line, plain text. The beginning of a text that holds none.
std::string Snippet(const std::vector<Phrase>& phrases, absl::string_view text);

}  // namespace praxis::search

#endif  // SERVICES_COMMON_SEARCH_SNIPPET_H_
