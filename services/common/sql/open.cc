#include "services/common/sql/open.h"

#include "services/common/sql/postgres.h"
#include "services/common/sql/sqlite.h"

namespace praxis::sql {

absl::StatusOr<std::unique_ptr<Database>> Open(const OpenOptions& options) {
  if (options.postgres.empty()) {
    return OpenSqlite({.path = options.sqlite_path,
                       .on_disk_failure = options.on_disk_failure});
  }
  return OpenPostgres({.conninfo = options.postgres,
                       .name = options.name,
                       .connections = options.connections});
}

}  // namespace praxis::sql
