#include "gateway/testing/library.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/common/rpc/etag.h"
#include "services/common/rpc/mask.h"
#include "services/common/status/status.h"

namespace praxis::testing {
namespace {

constexpr size_t kChunk = 100'000;

class UploadStream : public rpc::ClientStream<library::v1::UploadTextRequest,
                                              library::v1::Book> {
 public:
  UploadStream(Library& library, const library::v1::UploadTextRequest& first)
      : library_(library), name_(first.name()) {
    ++library_.uploads_open;
    announced_ = first.body().info().size_bytes();
    text_.content_type = first.body().info().content_type();
    text_.filename = first.filename();
  }
  ~UploadStream() override { --library_.uploads_open; }

  absl::Status Push(const library::v1::UploadTextRequest& message) override {
    text_.bytes += message.body().data();
    library_.bytes_taken += message.body().data().size();
    return absl::OkStatus();
  }

  absl::StatusOr<library::v1::Book> Finish() override {
    if (announced_ != 0 &&
        announced_ != static_cast<int64_t>(text_.bytes.size())) {
      return Error(Reason::UPLOAD_INCOMPLETE, "Not all of it.");
    }
    return library_.Keep(name_, std::move(text_));
  }

 private:
  Library& library_;
  const std::string name_;
  int64_t announced_;
  Library::Text text_;
};

class DownloadStream : public rpc::ServerStream<http::v1::BodyChunk> {
 public:
  DownloadStream(Library& library, Library::Text text, size_t offset,
                 size_t end, size_t fail_after)
      : library_(library),
        text_(std::move(text)),
        offset_(offset),
        end_(end),
        fail_after_(fail_after) {
    ++library_.downloads_open;
  }
  ~DownloadStream() override { --library_.downloads_open; }

  absl::StatusOr<rpc::Pulled> Next(http::v1::BodyChunk* chunk) override {
    if (begun_ && offset_ == end_) return rpc::Pulled::kEnd;
    if (begun_ && fail_after_ > 0 && offset_ >= fail_after_) {
      return Error(Reason::STORAGE_UNAVAILABLE, "The shelf broke.");
    }
    if (!begun_) {
      http::v1::BodyInfo& info = *chunk->mutable_info();
      info.set_content_type(text_.content_type);
      info.set_filename(text_.filename);
      info.set_size_bytes(static_cast<int64_t>(text_.bytes.size()));
      info.set_etag(absl::StrCat("t", text_.bytes.size()));
      info.set_offset(static_cast<int64_t>(offset_));
    }
    begun_ = true;
    const size_t size = std::min(kChunk, end_ - offset_);
    chunk->set_data(text_.bytes.substr(offset_, size));
    offset_ += size;
    library_.bytes_given += size;
    return rpc::Pulled::kMessage;
  }

 private:
  Library& library_;
  const Library::Text text_;
  size_t offset_;
  const size_t end_;
  const size_t fail_after_;
  bool begun_ = false;
};

class BookStream : public rpc::ServerStream<library::v1::Book> {
 public:
  BookStream(Library& library, std::vector<library::v1::Book> books,
             const library::v1::WatchBooksRequest& request)
      : library_(library),
        books_(std::move(books)),
        request_(request),
        at_(static_cast<int>(request.after())) {
    ++library_.watches_open;
  }
  ~BookStream() override {
    library_.gate.Forget(waiting_);
    --library_.watches_open;
  }

  // With `after`, the number alone goes first.
  absl::StatusOr<rpc::Pulled> Next(library::v1::Book* book) override {
    if (request_.has_after() && !std::exchange(begun_, true)) {
      book->set_number(at_);
      return rpc::Pulled::kMessage;
    }
    if (request_.wait_after() > 0 && at_ == request_.wait_after() &&
        !library_.gate.is_open()) {
      return rpc::Pulled::kWait;
    }
    if (request_.fail_after() > 0 && at_ == request_.fail_after()) {
      return Error(Reason::STORAGE_UNAVAILABLE, "The shelf broke.");
    }
    if (at_ == static_cast<int>(books_.size())) return rpc::Pulled::kEnd;
    *book = books_[at_++];
    book->set_number(at_);
    book->set_type("book.seen");
    return rpc::Pulled::kMessage;
  }

  void WhenReady(std::function<void()> ready) override {
    waiting_ = library_.gate.WhenOpen(std::move(ready));
  }

 private:
  Library& library_;
  const std::vector<library::v1::Book> books_;
  const library::v1::WatchBooksRequest request_;
  int at_;
  bool begun_ = false;
  int waiting_ = 0;
};

}  // namespace

absl::StatusOr<Library::Entry*> Library::Find(const std::string& name) {
  const auto entry = books_.find(name);
  if (entry == books_.end()) {
    return Error(Reason::RESOURCE_NOT_FOUND, "There is no such book.");
  }
  return &entry->second;
}

library::v1::Book Library::Shown(const Entry& entry) {
  library::v1::Book book = entry.book;
  book.set_etag(rpc::EtagOf(entry.version));
  book.set_text_bytes(static_cast<int64_t>(entry.text.bytes.size()));
  return book;
}

void Library::Add(const library::v1::Book& book, Text text) {
  absl::MutexLock lock(&mutex_);
  books_[book.name()] = {book, std::move(text)};
}

Library::Text Library::TextOf(const std::string& name) const {
  absl::MutexLock lock(&mutex_);
  return books_.at(name).text;
}

absl::StatusOr<library::v1::Book> Library::Keep(const std::string& name,
                                                Text text) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(Entry * entry, Find(name));
  entry->text = std::move(text);
  ++entry->version;
  return Shown(*entry);
}

library::v1::CreateBookRequest Library::created() const {
  absl::MutexLock lock(&mutex_);
  return created_;
}

absl::StatusOr<library::v1::Book> Library::GetBook(
    const rpc::Call&, const library::v1::GetBookRequest& request) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(Entry * entry, Find(request.name()));
  return Shown(*entry);
}

absl::StatusOr<library::v1::Book> Library::GetCard(
    const rpc::Call&, const library::v1::GetCardRequest& request) {
  ++cards_read;
  library::v1::Book card;
  {
    absl::MutexLock lock(&mutex_);
    ASSIGN_OR_RETURN(Entry * entry, Find(request.name()));
    card = Shown(*entry);
  }
  if (after_card_read) std::exchange(after_card_read, nullptr)();
  return card;
}

absl::StatusOr<library::v1::Book> Library::UpdateCard(
    const rpc::Call&, const library::v1::UpdateCardRequest& request) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(Entry * entry, Find(request.card().name()));
  entry->book.set_title(request.card().title());
  ++entry->version;
  return Shown(*entry);
}

absl::StatusOr<library::v1::ListBooksResponse> Library::ListBooks(
    const rpc::Call&, const library::v1::ListBooksRequest& request) {
  absl::MutexLock lock(&mutex_);
  library::v1::ListBooksResponse response;
  for (const auto& [name, entry] : books_) {
    if (!absl::StartsWith(name, request.parent() + "/")) continue;
    if (request.page_size() > 0 &&
        response.books_size() == request.page_size()) {
      break;
    }
    *response.add_books() = Shown(entry);
  }
  return response;
}

absl::StatusOr<library::v1::Book> Library::CreateBook(
    const rpc::Call&, const library::v1::CreateBookRequest& request) {
  absl::MutexLock lock(&mutex_);
  created_ = request;
  library::v1::Book book = request.book();
  book.set_name(absl::StrCat(request.parent(), "/books/b", books_.size() + 1));
  Entry& entry = books_[book.name()];
  entry.book = book;
  return Shown(entry);
}

absl::StatusOr<library::v1::Book> Library::UpdateBook(
    const rpc::Call&, const library::v1::UpdateBookRequest& request) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(Entry * entry, Find(request.book().name()));
  RETURN_IF_ERROR(rpc::CheckEtag(request.book().etag(), entry->version));
  RETURN_IF_ERROR(
      rpc::ApplyMask(request.update_mask(), request.book(), &entry->book));
  ++entry->version;
  return Shown(*entry);
}

absl::StatusOr<library::v1::DeleteBookResponse> Library::DeleteBook(
    const rpc::Call&, const library::v1::DeleteBookRequest& request) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(Entry * entry, Find(request.name()));
  RETURN_IF_ERROR(rpc::CheckEtag(request.etag(), entry->version));
  books_.erase(request.name());
  return library::v1::DeleteBookResponse();
}

absl::StatusOr<library::v1::LendBookResponse> Library::LendBook(
    const rpc::Call& call, const library::v1::LendBookRequest& request) {
  if (request.fail_with() != 0) {
    return RetryAfter(Error(static_cast<Reason>(request.fail_with()), "No."),
                      absl::Milliseconds(2500));
  }
  ++lending;
  const bool opened = gate.Await(call.cancelled);
  if (!opened) ++lendings_cancelled;
  --lending;
  return library::v1::LendBookResponse();
}

absl::StatusOr<library::v1::Reader> Library::GetReader(
    const rpc::Call& call, const library::v1::GetReaderRequest&) {
  library::v1::Reader reader;
  reader.set_name(call.caller.name);
  reader.set_trace_id(call.trace_id);
  reader.set_time_left_ms(
      absl::ToInt64Milliseconds(call.deadline - absl::Now()));
  return reader;
}

absl::StatusOr<std::unique_ptr<
    rpc::ClientStream<library::v1::UploadTextRequest, library::v1::Book>>>
Library::UploadText(const rpc::Call&,
                    const library::v1::UploadTextRequest& first) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(Entry * entry, Find(first.name()));
  RETURN_IF_ERROR(rpc::CheckEtag(first.etag(), entry->version));
  return std::make_unique<UploadStream>(*this, first);
}

absl::StatusOr<std::unique_ptr<rpc::ServerStream<http::v1::BodyChunk>>>
Library::DownloadText(const rpc::Call&,
                      const library::v1::DownloadTextRequest& request) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(Entry * entry, Find(request.name()));
  const auto size = static_cast<int64_t>(entry->text.bytes.size());
  int64_t offset = request.range().offset();
  if (offset < 0) offset = std::max<int64_t>(0, size + offset);
  if (request.has_range() && offset >= size) {
    return Error(Reason::RANGE_UNSATISFIABLE, "Outside.");
  }
  int64_t end = size;
  if (request.range().limit() > 0) {
    end = offset + std::min(request.range().limit(), size - offset);
  }
  return std::make_unique<DownloadStream>(*this, entry->text, offset, end,
                                          request.fail_after());
}

absl::StatusOr<std::unique_ptr<rpc::ServerStream<library::v1::Book>>>
Library::WatchBooks(const rpc::Call& call,
                    const library::v1::WatchBooksRequest& request) {
  library::v1::ListBooksRequest list;
  list.set_parent(request.parent());
  ASSIGN_OR_RETURN(const library::v1::ListBooksResponse response,
                   ListBooks(call, list));
  return std::make_unique<BookStream>(
      *this,
      std::vector<library::v1::Book>(response.books().begin(),
                                     response.books().end()),
      request);
}

LibraryServer::LibraryServer(TestHost& host) {
  methods_.Add(&library_, &Library::GetBook);
  methods_.Add(&library_, &Library::GetCard);
  methods_.Add(&library_, &Library::UpdateCard);
  methods_.Add(&library_, &Library::ListBooks);
  methods_.Add(&library_, &Library::CreateBook);
  methods_.Add(&library_, &Library::UpdateBook);
  methods_.Add(&library_, &Library::DeleteBook);
  methods_.Add(&library_, &Library::LendBook);
  methods_.Add(&library_, &Library::GetReader);
  methods_.Add(&library_, &Library::UploadText);
  methods_.Add(&library_, &Library::DownloadText);
  methods_.Add(&library_, &Library::WatchBooks);
  pipeline_ =
      std::make_unique<rpc::Pipeline>(rpc::Pipeline::Parts{.methods = methods_,
                                                           .access = access_,
                                                           .sealer = sealer_,
                                                           .host = host.host()},
                                      rpc::PipelineOptions());
}

}  // namespace praxis::testing
