// OpenTestDatabase: an empty database for a test, of the kind the run asks for.
#ifndef SERVICES_COMMON_TESTING_DATABASE_H_
#define SERVICES_COMMON_TESTING_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/sql/database.h"

namespace praxis::testing {

// Whether the run is one on PostgreSQL: PRAXIS_TEST_POSTGRES names a cluster
// ("host=... user=...", by keywords) that is thrown away afterwards.
// tests/tools/postgres starts one; ctest does so for NAME_postgres.
bool OnPostgres();

// The conninfo of a new schema in that cluster, for a server or for several
// databases that share it; "" when the run is on SQLite.
std::string TestPostgres();

// A database of its own: a new schema there, or SQLite in memory.
absl::StatusOr<std::unique_ptr<sql::Database>> OpenTestDatabase();

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_DATABASE_H_
