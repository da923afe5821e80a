// Which database a service has.
#ifndef SERVICES_COMMON_SQL_OPEN_H_
#define SERVICES_COMMON_SQL_OPEN_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/sql/database.h"

namespace praxis::sql {

// SQLite or PostgreSQL, and where.
struct OpenOptions {
  // PostgreSQL, as libpq takes it; empty: SQLite.
  std::string postgres;
  // After "praxis-" in the server's views.
  std::string name;
  // Connections to PostgreSQL.
  int connections = 16;
  // The file of SQLite; empty: in memory (tests).
  std::string sqlite_path;
  // As SqliteOptions::on_disk_failure.
  std::function<void()> on_disk_failure = [] {};
};

// Waits up to half a minute for a PostgreSQL that does not answer yet.
absl::StatusOr<std::unique_ptr<Database>> Open(const OpenOptions& options);

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_OPEN_H_
