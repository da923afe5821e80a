// Where a PostgreSQL server may be, and how it is connected to.
#ifndef SERVICES_COMMON_SQL_POSTGRES_ADDRESS_H_
#define SERVICES_COMMON_SQL_POSTGRES_ADDRESS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace praxis::sql {

// The parameters of one connection, as PQconnectStartParams takes them with
// expand_dbname: later ones override earlier ones.
using PostgresParameters = std::vector<std::pair<std::string, std::string>>;

// One entry for each host of `conninfo`, in its order, so that each gets its
// own time to answer: libpq itself waits for one for ever when it does not
// block. Each is connected to only while it takes writes. FIELD_INVALID when
// `conninfo` cannot be read. `name` as in PostgresOptions.
absl::StatusOr<std::vector<PostgresParameters>> PostgresAddresses(
    const std::string& conninfo, absl::string_view name);

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_POSTGRES_ADDRESS_H_
