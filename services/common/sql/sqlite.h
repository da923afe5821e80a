// The SQLite driver: the embedded default, one file, one process.
#ifndef SERVICES_COMMON_SQL_SQLITE_H_
#define SERVICES_COMMON_SQL_SQLITE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/sql/database.h"

namespace praxis::sql {

// Where the database is, and how much waits for it.
struct SqliteOptions {
  // File, made when absent. Empty: a private database in memory (tests).
  std::string path;
  // Read connections open at once; further readers wait for one.
  int readers = 16;
  // Writes that may wait; one more is refused with OVERLOADED.
  int queue_max = 4096;
  // Writes that share one commit at the most.
  int group_max = 256;
  // Called once, on a thread of the database's, when the disk has failed and
  // nothing more will be written: time to end. Must not use the database.
  std::function<void()> on_disk_failure = [] {};
};

// Opens the database in WAL mode with synchronous=FULL.
//
// One thread writes: it runs the bodies of all waiting writes, commits them
// together (group commit: one fsync for many) and then lets their callers go.
// It alone checkpoints, which keeps clear of the WAL-reset race of SQLite
// before 3.50 between several such connections.
absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(
    const SqliteOptions& options);

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_SQLITE_H_
