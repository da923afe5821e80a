// LibraryServer: the service of library.proto, in memory, with a pipeline.
#ifndef GATEWAY_TESTING_LIBRARY_H_
#define GATEWAY_TESTING_LIBRARY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "gateway/testing/library.pb.h"
#include "services/common/auth/secrets.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/rpc/stream.h"
#include "services/common/testing/access.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/echo.h"

namespace praxis::testing {

// The handlers, and what a test sees of them. Thread-safe.
class Library {
 public:
  struct Text {
    std::string bytes;
    std::string content_type;
    std::string filename;
  };

  absl::StatusOr<library::v1::Book> GetBook(
      const rpc::Call&, const library::v1::GetBookRequest& request);
  absl::StatusOr<library::v1::Book> GetCard(
      const rpc::Call&, const library::v1::GetCardRequest& request);
  absl::StatusOr<library::v1::Book> UpdateCard(
      const rpc::Call&, const library::v1::UpdateCardRequest& request);
  absl::StatusOr<library::v1::ListBooksResponse> ListBooks(
      const rpc::Call&, const library::v1::ListBooksRequest& request);
  absl::StatusOr<library::v1::Book> CreateBook(
      const rpc::Call&, const library::v1::CreateBookRequest& request);
  absl::StatusOr<library::v1::Book> UpdateBook(
      const rpc::Call&, const library::v1::UpdateBookRequest& request);
  absl::StatusOr<library::v1::DeleteBookResponse> DeleteBook(
      const rpc::Call&, const library::v1::DeleteBookRequest& request);
  absl::StatusOr<library::v1::LendBookResponse> LendBook(
      const rpc::Call& call, const library::v1::LendBookRequest& request);
  absl::StatusOr<library::v1::Reader> GetReader(
      const rpc::Call& call, const library::v1::GetReaderRequest&);
  absl::StatusOr<std::unique_ptr<
      rpc::ClientStream<library::v1::UploadTextRequest, library::v1::Book>>>
  UploadText(const rpc::Call&, const library::v1::UploadTextRequest& first);
  absl::StatusOr<std::unique_ptr<rpc::ServerStream<http::v1::BodyChunk>>>
  DownloadText(const rpc::Call&,
               const library::v1::DownloadTextRequest& request);
  absl::StatusOr<std::unique_ptr<rpc::ServerStream<library::v1::Book>>>
  WatchBooks(const rpc::Call&, const library::v1::WatchBooksRequest& request);

  // Puts a book with a text there.
  void Add(const library::v1::Book& book, Text text);
  Text TextOf(const std::string& name) const;
  absl::StatusOr<library::v1::Book> Keep(const std::string& name, Text text);

  // Calls of GetCard, and what happens once between its reading and its answer.
  std::atomic<int> cards_read{0};
  std::function<void()> after_card_read;
  // LendBook and WatchBooks wait for it.
  Gate gate;
  std::atomic<int> lending{0};
  std::atomic<int> lendings_cancelled{0};
  // Uploads that are open, and bytes that they and downloads have moved.
  std::atomic<int> uploads_open{0};
  std::atomic<int64_t> bytes_taken{0};
  std::atomic<int> downloads_open{0};
  std::atomic<int64_t> bytes_given{0};
  std::atomic<int> watches_open{0};

  // The last request of CreateBook.
  library::v1::CreateBookRequest created() const;

 private:
  struct Entry {
    library::v1::Book book;
    Text text;
    int64_t version = 1;
  };

  absl::StatusOr<Entry*> Find(const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static library::v1::Book Shown(const Entry& entry);

  mutable absl::Mutex mutex_;
  std::map<std::string, Entry> books_ ABSL_GUARDED_BY(mutex_);
  library::v1::CreateBookRequest created_ ABSL_GUARDED_BY(mutex_);
};

// The service, ready to be served.
class LibraryServer {
 public:
  explicit LibraryServer(TestHost& host);

  rpc::Pipeline& pipeline() { return *pipeline_; }
  Library& library() { return library_; }
  // Every position of access is applied but where a test says otherwise.
  class Access : public StaticAccess {
   public:
    int64_t AppliedPosition() const override { return applied; }
    std::atomic<int64_t> applied{std::numeric_limits<int64_t>::max()};
  };
  Access& access() { return access_; }

 private:
  Library library_;
  Access access_;
  const auth::Sealer sealer_ = auth::Sealer::Random();
  rpc::Methods methods_;
  std::unique_ptr<rpc::Pipeline> pipeline_;
};

}  // namespace praxis::testing

#endif  // GATEWAY_TESTING_LIBRARY_H_
