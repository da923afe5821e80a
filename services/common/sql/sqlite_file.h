// The place of an SQLite database: a file that one process holds.
#ifndef SERVICES_COMMON_SQL_SQLITE_FILE_H_
#define SERVICES_COMMON_SQL_SQLITE_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace praxis::sql {

// A database file held by this process alone: beside it lies "<path>.lock",
// locked by flock(2) for as long as this lives, so that a second opener gets a
// clear error and a crash leaves no lock behind.
class SqliteFile {
 public:
  // Takes `path`, making the file (mode 0600) when it is absent. Empty: a new
  // file in memory (/dev/shm, else the temporary folder) that is deleted in the
  // end. It is a file like any other, so that tests run what production runs.
  // STORAGE_UNAVAILABLE when it is taken or cannot be made.
  static absl::StatusOr<std::unique_ptr<SqliteFile>> Take(std::string path);

  ~SqliteFile();
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  SqliteFile() = default;

  absl::Status MakeTemporary();
  absl::Status Lock();

  std::string path_;
  // Set for a temporary database only.
  std::string folder_;
  int lock_fd_ = -1;
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_SQLITE_FILE_H_
