#include "services/resources/handlers/contents.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/events/log.h"
#include "services/common/rpc/etag.h"
#include "services/common/status/status.h"
#include "services/resources/convert.h"
#include "services/resources/handlers/events.h"
#include "services/resources/store/resources.h"

namespace praxis::resources {
namespace {

// A chunk of a download: large enough to keep the disk and the socket busy,
// small enough that many downloads at once need little memory.
constexpr int64_t kChunkBytes = 256 << 10;
constexpr char kUnknownType[] = "application/octet-stream";

// An upload that has begun.
class Upload : public UploadStream {
 public:
  Upload(sql::Database& db, rpc::Call call, ResourceKey key, std::string etag,
         FileContent content, std::unique_ptr<BlobWriter> writer)
      : db_(db),
        call_(std::move(call)),
        key_(std::move(key)),
        etag_(std::move(etag)),
        content_(std::move(content)),
        writer_(std::move(writer)) {}

  absl::Status Push(const v1::UploadResourceRequest& message) override {
    return writer_->Append(message.body().data());
  }

  absl::StatusOr<v1::Resource> Finish() override {
    if (content_.size_bytes > 0 &&
        content_.size_bytes != writer_->size_bytes()) {
      return Error(Reason::UPLOAD_INCOMPLETE,
                   absl::StrCat("The upload had ", writer_->size_bytes(),
                                " bytes and announced ", content_.size_bytes,
                                "; send it again."));
    }
    ASSIGN_OR_RETURN(const Blob blob, writer_->Commit());
    content_.sha256 = blob.sha256;
    content_.size_bytes = blob.size_bytes;

    v1::Resource uploaded;
    RETURN_IF_ERROR(db_.Write([&](sql::Tx& tx) -> absl::Status {
      ASSIGN_OR_RETURN(Resource resource, store::GetResource(tx, key_));
      RETURN_IF_ERROR(rpc::CheckEtag(etag_, resource.version));
      SetContent(resource, content_, call_.time);
      RETURN_IF_ERROR(store::UpdateContent(tx, resource));
      uploaded = ToProto(resource);
      return events::Emit(tx, ResourceUploaded(uploaded, call_));
    }));
    return uploaded;
  }

 private:
  sql::Database& db_;
  const rpc::Call call_;
  const ResourceKey key_;
  const std::string etag_;
  // size_bytes is what was announced; 0 when nothing was.
  FileContent content_;
  std::unique_ptr<BlobWriter> writer_;
};

// A download that has begun.
class Download : public DownloadStream {
 public:
  // Sends the bytes from `offset` to before `end`.
  Download(std::unique_ptr<BlobReader> reader, FileContent content,
           int64_t offset, int64_t end)
      : reader_(std::move(reader)),
        content_(std::move(content)),
        offset_(offset),
        end_(end) {}

  absl::StatusOr<rpc::Pulled> Next(http::v1::BodyChunk* chunk) override {
    if (begun_ && offset_ == end_) return rpc::Pulled::kEnd;
    if (!begun_) *chunk->mutable_info() = ToBodyInfo(content_, offset_);
    begun_ = true;
    const int64_t size = std::min(kChunkBytes, end_ - offset_);
    RETURN_IF_ERROR(reader_->Read(offset_, size, chunk->mutable_data()));
    if (static_cast<int64_t>(chunk->data().size()) != size) {
      return Error(Reason::INTERNAL, "The file's content is not whole.");
    }
    offset_ += size;
    return rpc::Pulled::kMessage;
  }

 private:
  std::unique_ptr<BlobReader> reader_;
  const FileContent content_;
  int64_t offset_;
  const int64_t end_;
  bool begun_ = false;
};

// What the first message says of the bytes.
absl::StatusOr<FileContent> Announced(const v1::UploadResourceRequest& first) {
  const http::v1::BodyInfo& info = first.body().info();
  FileContent content{.filename = first.filename(),
                      .content_type = info.content_type(),
                      .size_bytes = info.size_bytes()};
  if (content.filename.empty()) content.filename = info.filename();
  if (content.filename.empty()) content.filename = "file";
  if (content.content_type.empty()) content.content_type = kUnknownType;
  if (!IsMediaType(content.content_type)) {
    return FieldErrors({{"body.info.content_type",
                         "must be a media type such as application/pdf"}});
  }
  if (content.size_bytes < 0) {
    return FieldErrors({{"body.info.size_bytes", "must not be negative"}});
  }
  return content;
}

}  // namespace

absl::StatusOr<std::unique_ptr<UploadStream>> Contents::UploadResource(
    const rpc::Call& call, const v1::UploadResourceRequest& first) {
  const ResourceKey key = KeyOf(first.name());
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(const Resource resource,
                         store::GetResource(reader, key));
        RETURN_IF_ERROR(MayUpload(resource, ActorOf(call)));
        return rpc::CheckEtag(first.etag(), resource.version);
      }));
  ASSIGN_OR_RETURN(FileContent content, Announced(first));
  ASSIGN_OR_RETURN(std::unique_ptr<BlobWriter> writer, blobs_.Begin());
  return std::make_unique<Upload>(db_, call, key, first.etag(),
                                  std::move(content), std::move(writer));
}

absl::StatusOr<Resource> Contents::Downloadable(const rpc::Call& call,
                                                absl::string_view name) {
  Resource resource;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(resource, store::GetResource(reader, KeyOf(name)));
        return MayDownload(resource);
      }));
  return resource;
}

absl::StatusOr<std::unique_ptr<DownloadStream>> Contents::DownloadResource(
    const rpc::Call& call, const v1::DownloadResourceRequest& request) {
  ASSIGN_OR_RETURN(Resource resource, Downloadable(call, request.name()));
  auto found = blobs_.Find(resource.content->sha256);
  if (!found.ok()) {
    // Another upload may have taken its place since, and a sweep the blob.
    ASSIGN_OR_RETURN(resource, Downloadable(call, request.name()));
    found = blobs_.Find(resource.content->sha256);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<BlobReader> blob, std::move(found));
  const int64_t size = blob->size_bytes();
  int64_t offset = request.range().offset();
  if (offset < 0) offset = std::max<int64_t>(0, size + offset);
  if (request.has_range() && (offset >= size || request.range().limit() < 0)) {
    return Error(Reason::RANGE_UNSATISFIABLE,
                 absl::StrCat("The content has ", size, " bytes."));
  }
  int64_t end = size;
  if (request.range().limit() > 0) {
    end = offset + std::min(request.range().limit(), size - offset);
  }
  return std::make_unique<Download>(std::move(blob), *resource.content, offset,
                                    end);
}

}  // namespace praxis::resources
