// Texts and queries in the forms that PostgreSQL's full-text search reads.
#ifndef SERVICES_COMMON_SEARCH_TSVECTOR_H_
#define SERVICES_COMMON_SEARCH_TSVECTOR_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/common/search/words.h"

namespace praxis::search {

// A tsvector: the words of `parts`, one after the other and with a gap between
// two, so that no phrase goes across, and a mark for the scope, which no word
// can be. PostgreSQL counts places to 16,383 and keeps 256 of a word, so a
// phrase is found within that; its vectors end at 1 MiB, so what comes after
// about 100,000 words of a text is not found at all.
std::string TsVectorOf(absl::string_view scope,
                       const std::vector<absl::string_view>& parts);

// A tsquery: every phrase must be there; with `scopes`, in one of them. Words
// hold no quote and are quoted, so a caller's text comes into no operator.
std::string TsQueryOf(const std::vector<Phrase>& phrases,
                      const std::vector<std::string>& scopes = {});

}  // namespace praxis::search

#endif  // SERVICES_COMMON_SEARCH_TSVECTOR_H_
