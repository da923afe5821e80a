// Blobs: bytes kept in files that are named by their SHA-256.
#ifndef SERVICES_RESOURCES_BLOBS_BLOB_STORE_H_
#define SERVICES_RESOURCES_BLOBS_BLOB_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::resources {

// What was stored.
struct Blob {
  // 64 lower-case hex digits.
  std::string sha256;
  int64_t size_bytes = 0;
};

// A blob on its way in. Nobody sees it before Commit; without one, nothing
// remains of it. Not thread-safe.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;

  // TOO_LARGE past the store's limit, STORAGE_UNAVAILABLE when the disk
  // refuses; after either the writer is of no more use.
  virtual absl::Status Append(absl::string_view bytes) = 0;
  virtual int64_t size_bytes() const = 0;

  // When OK, the whole blob is on the disk under its name, and young.
  virtual absl::StatusOr<Blob> Commit() = 0;
};

// A stored blob. Not thread-safe.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual int64_t size_bytes() const = 0;

  // Fills `bytes` with up to `size` bytes from `offset`; fewer only at the end.
  virtual absl::Status Read(int64_t offset, int64_t size,
                            std::string* bytes) = 0;
};

// A folder of blobs: "ab/abcd..." for those whose digest begins with ab, and
// "incoming/" for those on their way. Equal bytes are stored once. Several
// processes may share the folder. Thread-safe.
class BlobStore {
 public:
  struct Options {
    std::string path;
    int64_t blob_bytes_max = int64_t{5} << 30;
  };

  // Makes the folders.
  static absl::StatusOr<std::unique_ptr<BlobStore>> Open(Options options);

  absl::StatusOr<std::unique_ptr<BlobWriter>> Begin();

  // INTERNAL when there is none: a row that names a blob is written after it.
  absl::StatusOr<std::unique_ptr<BlobReader>> Find(absl::string_view sha256);

  // Whether the folder has neither blobs nor an id.
  bool IsNew() const;

  // What the folder was called when it was new; empty when it was not called
  // anything, or that cannot be read. It is in the file "id".
  std::string Id() const;

  // Calls the folder so, on the disk, unless it has an id already: of several
  // processes the first one does. STORAGE_UNAVAILABLE.
  absl::Status GiveId(absl::string_view id);

  // Whether anything names the blob. It is named within an hour of its Commit,
  // and again only after another one.
  using IsNamed = absl::FunctionRef<absl::StatusOr<bool>(absl::string_view)>;

  // Removes the blobs that were stored before `before` and that nothing names,
  // such as those that another upload took the place of, and the uploads that
  // have not gone on since then. Answers how many files it removed, or the
  // first error of `is_named`, at which it ends. An upload of the same bytes at
  // the same time keeps its blob, and who reads a blob reads it to its end.
  // `is_named` must have an end: before each removal it is asked again while
  // uploads wait.
  absl::StatusOr<int> Sweep(absl::Time before, IsNamed is_named);

 private:
  explicit BlobStore(Options options) : options_(std::move(options)) {}

  const Options options_;
};

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_BLOBS_BLOB_STORE_H_
