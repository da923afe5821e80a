// Lists of short texts in one column.
#ifndef SERVICES_MEMBERS_STORE_LINES_H_
#define SERVICES_MEMBERS_STORE_LINES_H_

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace praxis::members::store {

// The contract refuses control characters in such texts, and conversion drops
// empty ones, so the lines are the list.
inline std::string JoinLines(const std::vector<std::string>& texts) {
  return absl::StrJoin(texts, "\n");
}

inline std::vector<std::string> SplitLines(absl::string_view lines) {
  return absl::StrSplit(lines, '\n', absl::SkipEmpty());
}

}  // namespace praxis::members::store

#endif  // SERVICES_MEMBERS_STORE_LINES_H_
