// The PostgreSQL driver: a database that several replicas share.
#ifndef SERVICES_COMMON_SQL_POSTGRES_H_
#define SERVICES_COMMON_SQL_POSTGRES_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/sql/database.h"

namespace praxis::sql {

// Where the database is, and how much waits for it.
struct PostgresOptions {
  // As libpq takes it: "host=a,b dbname=members user=members passfile=/..." or
  // a URI. What it says of timeouts and keepalives goes before ours. The
  // password file is read at each connect, so it may change.
  std::string conninfo;
  // After "praxis-": what the server's own views call these connections.
  std::string name = "service";
  // Connections open at once, without the one that listens; further work waits
  // for one. A write holds one from its first statement to its commit.
  int connections = 16;
  // Work that may wait; more is refused with OVERLOADED.
  int waiting_max = 4096;
};

// Opens the database lazily: this fails only when `conninfo` cannot be read.
//
// Reads and writes run on snapshots (REPEATABLE READ); a write that PostgreSQL
// refuses because of another (40001, 40P01) runs again. BEGIN rides with the
// first statement and the end of a read is not waited for; a read of a single
// SELECT does without both, and a body that goes on after its first statement
// is run anew once, when that is first met. So each statement costs one round
// trip, and a commit one more. Work without a deadline has kStatementMax a
// statement.
absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(
    const PostgresOptions& options);

// How long one statement of work without a deadline may take.
inline constexpr absl::Duration kStatementMax = absl::Seconds(5);

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_POSTGRES_H_
