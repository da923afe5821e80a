// The file "id", by which a folder of blobs is known to its database.
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "services/resources/blobs/blob_store.h"
#include "services/resources/blobs/file.h"

namespace praxis::resources {
namespace {

namespace fs = std::filesystem;

std::string PathOfId(const std::string& root) {
  return absl::StrCat(root, "/id");
}

}  // namespace

// What cannot be looked at is not new.
bool BlobStore::IsNew() const {
  std::error_code error;
  if (fs::exists(PathOfId(options_.path), error) || error) return false;
  fs::directory_iterator folder(options_.path, error);
  for (; !error && folder != fs::directory_iterator();
       folder.increment(error)) {
    if (folder->path().filename() == kIncoming) continue;
    const bool is_folder = folder->is_directory(error);
    if (error) return false;
    if (is_folder && (!fs::is_empty(folder->path(), error) || error)) {
      return false;
    }
  }
  return !error;
}

std::string BlobStore::Id() const {
  std::ifstream file(PathOfId(options_.path));
  std::string id;
  file >> id;
  return id;
}

// Whole under another name first: link() takes no name that is taken, which
// holds on NFS, too.
absl::Status BlobStore::GiveId(absl::string_view id) {
  std::string path = absl::StrCat(options_.path, "/", kIncoming, "/id-XXXXXX");
  const File file(mkostemp(path.data(), O_CLOEXEC));
  if (!file.is_open()) return DiskError();
  const bool given =
      WriteAll(file.fd(), absl::StrCat(id, "\n")) && fsync(file.fd()) == 0 &&
      (link(path.c_str(), PathOfId(options_.path).c_str()) == 0 ||
       errno == EEXIST);
  unlink(path.c_str());
  return given && SyncFolder(options_.path) ? absl::OkStatus() : DiskError();
}

}  // namespace praxis::resources
