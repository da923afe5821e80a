#include "services/common/search/tsvector.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace praxis::search {
namespace {

// PostgreSQL's MAXENTRYPOS - 1.
constexpr int kPlaceMax = (1 << 14) - 1;
// PostgreSQL's MAXSTRPOS is 2^20. A word takes its own bytes, up to one for
// alignment, two for the number of its places and two for each.
constexpr size_t kVectorBytesMax = 1'000'000;
constexpr size_t kBytesBesideWord = 5;

// No word holds either, yet it is not relied upon.
std::string Quoted(absl::string_view lexeme) {
  return absl::StrCat(
      "'", absl::StrReplaceAll(lexeme, {{"'", "''"}, {"\\", "\\\\"}}), "'");
}

// Words are letters and digits: '@' begins none.
std::string ScopeMark(absl::string_view scope) {
  return Quoted(absl::StrCat("@", scope));
}

std::string TsQueryOf(const Phrase& phrase) {
  return absl::StrCat(
      absl::StrJoin(phrase.words, " <-> ",
                    [](std::string* out, const std::string& word) {
                      absl::StrAppend(out, Quoted(word));
                    }),
      phrase.prefix ? ":*" : "");
}

}  // namespace

std::string TsVectorOf(absl::string_view scope,
                       const std::vector<absl::string_view>& parts) {
  std::string vector = ScopeMark(scope);
  size_t bytes = vector.size();
  int place = 0;
  for (const absl::string_view part : parts) {
    ForEachWord(part, [&](absl::string_view word, Extent) {
      bytes += word.size() + kBytesBesideWord;
      if (bytes > kVectorBytesMax) return false;
      place = std::min(place + 1, kPlaceMax);
      absl::StrAppend(&vector, " ", Quoted(word), ":", place);
      return true;
    });
    ++place;
  }
  return vector;
}

std::string TsQueryOf(const std::vector<Phrase>& phrases,
                      const std::vector<std::string>& scopes) {
  std::string query;
  for (const Phrase& phrase : phrases) {
    absl::StrAppend(&query, query.empty() ? "" : " & ", TsQueryOf(phrase));
  }
  if (scopes.empty()) return query;
  const auto mark = [](std::string* out, const std::string& scope) {
    absl::StrAppend(out, ScopeMark(scope));
  };
  return absl::StrCat("(", absl::StrJoin(scopes, " | ", mark), ") & ", query);
}

}  // namespace praxis::search
