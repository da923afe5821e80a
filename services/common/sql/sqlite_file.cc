#include "services/common/sql/sqlite_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::sql {
namespace {

absl::Status Failure(absl::string_view message, const std::string& path) {
  const int error = errno;
  spdlog::error("sqlite: {}: {}", path, std::strerror(error));
  return Error(errors::v1::STORAGE_UNAVAILABLE, message);
}

// Only for its owner: password hashes and private posts lie in it. SQLite
// gives the WAL the mode of its database.
int OpenPrivately(const std::string& path) {
  return open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteFile>> SqliteFile::Take(std::string path) {
  std::unique_ptr<SqliteFile> file(new SqliteFile());
  file->path_ = std::move(path);
  if (file->path_.empty()) RETURN_IF_ERROR(file->MakeTemporary());
  RETURN_IF_ERROR(file->Lock());

  const int fd = OpenPrivately(file->path_);
  if (fd < 0) {
    return Failure("The database file cannot be opened; see the log.",
                   file->path_);
  }
  // Before SQLite opens it: closing a file drops every POSIX lock on it.
  close(fd);
  return file;
}

absl::Status SqliteFile::MakeTemporary() {
  const bool shm = access("/dev/shm", R_OK | W_OK | X_OK) == 0;
  const char* configured = std::getenv("TMPDIR");
  const std::string parent =
      shm ? "/dev/shm" : (configured != nullptr ? configured : "/tmp");
  std::string folder = parent + "/praxis-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return Failure("No temporary database can be made; see the log.", folder);
  }
  folder_ = folder;
  path_ = folder + "/database";
  return absl::OkStatus();
}

absl::Status SqliteFile::Lock() {
  const std::string path = path_ + ".lock";
  lock_fd_ = OpenPrivately(path);
  if (lock_fd_ < 0) {
    return Failure("The database file cannot be locked; see the log.", path);
  }
  if (flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    return Failure(
        "The database is in use by another process; stop that one first.",
        path);
  }
  return absl::OkStatus();
}

SqliteFile::~SqliteFile() {
  if (!folder_.empty()) {
    for (const char* suffix : {"", "-wal", ".lock"}) {
      unlink((path_ + suffix).c_str());
    }
    rmdir(folder_.c_str());
  }
  if (lock_fd_ >= 0) {
    // Not left to close(): a forked child may hold the file as well.
    flock(lock_fd_, LOCK_UN);
    close(lock_fd_);
  }
}

}  // namespace praxis::sql
