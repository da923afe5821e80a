// SQL with which a list or a search keeps to what its caller may read.
#ifndef SERVICES_COMMON_ACCESS_READABLE_SCOPES_H_
#define SERVICES_COMMON_ACCESS_READABLE_SCOPES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"

namespace praxis::access {

// Both say the same as MayRead, over the projection's tables: a scope can be
// read when it is PUBLIC or when it exists and the principal has a role in it.
// Arguments are SQL as well, such as "threads.scope", "'communities/' || id" or
// "$1"; the principal's value is "" for anyone. Build a statement once and keep
// it (see sql::Reader::Query).

// A subquery: the scopes that `principal` may read, each once.
//
//   ... WHERE threads.scope IN (<ReadableScopes("$1")>)
//
// Right where they are few, or LIMIT is to tell whether they are.
std::string ReadableScopes(absl::string_view principal);

// A condition: whether `principal` may read `scope`; two point reads.
//
//   ... WHERE <IsReadable("threads.scope", "$1")> ORDER BY time DESC LIMIT $2
//
// Right where most rows can be read and an index gives their order: the walk
// ends with the page.
std::string IsReadable(absl::string_view scope, absl::string_view principal);

// The scopes that `principal` (a name; empty: anyone) may read when they are
// few, else none.
//
// Few and many are asked for in different ways. Who reads few scopes of a large
// suite would have everyone else's content looked through for theirs, so those
// are named to the query; who reads many finds theirs everywhere, so each row
// is asked for its scope.
absl::StatusOr<std::optional<std::vector<std::string>>> ReadableIfFew(
    sql::Reader& reader, absl::string_view principal);

}  // namespace praxis::access

#endif  // SERVICES_COMMON_ACCESS_READABLE_SCOPES_H_
