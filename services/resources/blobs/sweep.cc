#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"
#include "services/resources/blobs/blob_store.h"
#include "services/resources/blobs/file.h"

namespace praxis::resources {
namespace {

namespace fs = std::filesystem;

// What has gone meanwhile is not old.
bool IsOld(const fs::path& path, absl::Time before) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         absl::TimeFromTimespec(status.st_mtim) < before;
}

bool IsDigest(absl::string_view name) {
  return name.size() == 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

// Calls `visit` with each entry of a folder; one that cannot be read has none.
void ForEachEntry(const fs::path& folder,
                  absl::FunctionRef<bool(const fs::path&)> visit) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (!visit(entry->path())) return;
  }
}

// Removes the blob if that is right. It is looked at twice: most are named,
// which holds no upload up, and of the others nothing changes while the lock is
// held.
absl::StatusOr<bool> RemoveIfUnnamed(const std::string& root,
                                     const fs::path& path, absl::Time before,
                                     BlobStore::IsNamed is_named) {
  const std::string digest = path.filename().string();
  if (!IsDigest(digest) || !IsOld(path, before)) return false;
  ASSIGN_OR_RETURN(bool named, is_named(digest));
  if (named) return false;

  const FolderLock lock(root, LOCK_EX);
  if (!lock.held() || !IsOld(path, before)) return false;
  ASSIGN_OR_RETURN(named, is_named(digest));
  return !named && unlink(path.c_str()) == 0;
}

}  // namespace

absl::StatusOr<int> BlobStore::Sweep(absl::Time before, IsNamed is_named) {
  int removed = 0;
  const fs::path incoming = fs::path(options_.path) / kIncoming;
  ForEachEntry(incoming, [&](const fs::path& path) {
    if (IsOld(path, before)) removed += unlink(path.c_str()) == 0;
    return true;
  });

  absl::Status status;
  ForEachEntry(options_.path, [&](const fs::path& folder) {
    if (folder == incoming) return true;
    ForEachEntry(folder, [&](const fs::path& path) {
      const absl::StatusOr<bool> gone =
          RemoveIfUnnamed(options_.path, path, before, is_named);
      status = gone.status();
      removed += gone.ok() && *gone;
      return status.ok();
    });
    return status.ok();
  });
  RETURN_IF_ERROR(status);
  return removed;
}

}  // namespace praxis::resources
