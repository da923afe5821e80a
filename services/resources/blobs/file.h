// Files and folders of the blob store.
#ifndef SERVICES_RESOURCES_BLOBS_FILE_H_
#define SERVICES_RESOURCES_BLOBS_FILE_H_

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/common/status/status.h"

namespace praxis::resources {

inline constexpr char kIncoming[] = "incoming";

inline std::string FolderOf(const std::string& root, absl::string_view sha256) {
  return absl::StrCat(root, "/", sha256.substr(0, 2));
}

// A file descriptor that is closed at the end.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&&) = delete;

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Writes all of it.
inline bool WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(written);
  }
  return true;
}

// Makes the entries of a folder durable.
inline bool SyncFolder(const std::string& path) {
  const File folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.is_open() && fsync(folder.fd()) == 0;
}

inline absl::Status DiskError() {
  return Error(Reason::STORAGE_UNAVAILABLE,
               "The file could not be stored or read; retry later.");
}

// The right to put blobs in their place (LOCK_SH) or to remove them (LOCK_EX),
// among all processes that share the folder, until it goes: one that was found
// to be old is still so when it is removed.
class FolderLock {
 public:
  FolderLock(const std::string& root, int kind)
      : file_(open(absl::StrCat(root, "/lock").c_str(),
                   O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (!file_.is_open()) return;
    int code;
    while ((code = flock(file_.fd(), kind)) != 0 && errno == EINTR) {
    }
    held_ = code == 0;
  }

  bool held() const { return held_; }

 private:
  const File file_;
  bool held_ = false;
};

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_BLOBS_FILE_H_
