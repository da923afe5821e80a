#include "services/resources/blobs/blob_store.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"
#include "services/resources/blobs/file.h"

namespace praxis::resources {
namespace {

namespace fs = std::filesystem;

// SHA-256, fed piece by piece.
class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void Add(absl::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }
  std::string Hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    return absl::BytesToHexString(
        absl::string_view(reinterpret_cast<const char*>(digest), size));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

class FileWriter : public BlobWriter {
 public:
  FileWriter(const BlobStore::Options& options, std::string path, File file)
      : options_(options), path_(std::move(path)), file_(std::move(file)) {}

  ~FileWriter() override {
    if (!committed_) unlink(path_.c_str());
  }

  absl::Status Append(absl::string_view bytes) override {
    size_bytes_ += static_cast<int64_t>(bytes.size());
    if (size_bytes_ > options_.blob_bytes_max) {
      return Error(Reason::TOO_LARGE,
                   absl::StrCat("A file may have at most ",
                                options_.blob_bytes_max, " bytes."));
    }
    digest_.Add(bytes);
    return WriteAll(file_.fd(), bytes) ? absl::OkStatus() : DiskError();
  }

  int64_t size_bytes() const override { return size_bytes_; }

  // The order matters: the bytes are durable before the name is, and the name
  // before anyone is told.
  absl::StatusOr<Blob> Commit() override {
    // Its bytes may have come long ago, and its row is still to come.
    if (futimens(file_.fd(), nullptr) != 0 || fsync(file_.fd()) != 0) {
      return DiskError();
    }
    const std::string sha256 = digest_.Hex();
    const std::string folder = FolderOf(options_.path, sha256);
    const std::string target = absl::StrCat(folder, "/", sha256);
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return DiskError();
    {
      // A blob that is there is replaced: it is as young as this one. A sweep
      // holds this up while it asks once, for a second at the most, whether a
      // blob is named.
      const FolderLock lock(options_.path, LOCK_SH);
      if (!lock.held()) return DiskError();
      if (rename(path_.c_str(), target.c_str()) != 0) return DiskError();
    }
    committed_ = true;
    if (!SyncFolder(folder) || !SyncFolder(options_.path)) return DiskError();
    return Blob{sha256, size_bytes_};
  }

 private:
  const BlobStore::Options& options_;
  const std::string path_;
  const File file_;
  Digest digest_;
  int64_t size_bytes_ = 0;
  bool committed_ = false;
};

class FileReader : public BlobReader {
 public:
  FileReader(File file, int64_t size_bytes)
      : file_(std::move(file)), size_bytes_(size_bytes) {}

  int64_t size_bytes() const override { return size_bytes_; }

  absl::Status Read(int64_t offset, int64_t size, std::string* bytes) override {
    bytes->resize(size);
    int64_t filled = 0;
    while (filled < size) {
      const ssize_t got = pread(file_.fd(), bytes->data() + filled,
                                size - filled, offset + filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return DiskError();
      if (got == 0) break;
      filled += got;
    }
    bytes->resize(filled);
    return absl::OkStatus();
  }

 private:
  const File file_;
  const int64_t size_bytes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BlobStore>> BlobStore::Open(Options options) {
  const std::string incoming = absl::StrCat(options.path, "/", kIncoming);
  std::error_code error;
  fs::create_directories(incoming, error);
  if (error || !SyncFolder(options.path)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "cannot use ", options.path, " for files: ", error.message()));
  }
  fs::permissions(options.path, fs::perms::owner_all, error);
  return std::unique_ptr<BlobStore>(new BlobStore(std::move(options)));
}

absl::StatusOr<std::unique_ptr<BlobWriter>> BlobStore::Begin() {
  std::string path =
      absl::StrCat(options_.path, "/", kIncoming, "/upload-XXXXXX");
  File file(mkostemp(path.data(), O_CLOEXEC));
  if (!file.is_open()) return DiskError();
  return std::make_unique<FileWriter>(options_, std::move(path),
                                      std::move(file));
}

absl::StatusOr<std::unique_ptr<BlobReader>> BlobStore::Find(
    absl::string_view sha256) {
  const std::string path =
      absl::StrCat(FolderOf(options_.path, sha256), "/", sha256);
  File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status;
  if (!file.is_open() || fstat(file.fd(), &status) != 0) {
    return Error(Reason::INTERNAL, "The file's content is not there.");
  }
  return std::make_unique<FileReader>(std::move(file), status.st_size);
}

}  // namespace praxis::resources
