#include "gateway/stream/upload.h"

#include <cstring>
#include <utility>

#include "gateway/call/request.h"
#include "gateway/call/shared_read.h"
#include "gateway/transcode/wire.h"
#include "praxis/http/v1/body.pb.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

constexpr size_t kPiece = 256 * 1024;
// Tag and size of the body's field, and of the data in it.
constexpr size_t kFramingMax = 32;
// BodyChunk.data, length-delimited.
constexpr char kDataTag = http::v1::BodyChunk::kDataFieldNumber << 3 | 2;

// The framing of a message that is `body` field with a chunk of `size` bytes.
std::string FramingOf(const FieldSchema& body, size_t size) {
  char data_size[kMaxVarintSize];
  const size_t data_size_bytes = PutVarint(size, data_size) - data_size;
  std::string framing(body.tag_bytes().data(), body.tag_bytes().size());
  char chunk_size[kMaxVarintSize];
  framing.append(chunk_size, PutVarint(1 + data_size_bytes + size, chunk_size) -
                                 chunk_size);
  framing.push_back(kDataTag);
  return framing.append(data_size, data_size_bytes);
}

}  // namespace

void Upload::Run() {
  absl::Status status = BuildFirst();
  if (!status.ok()) return Fail(std::move(status));
  absl::StatusOr<rpc::Incoming> incoming =
      MakeIncoming(absl::InfiniteDuration());
  if (!incoming.ok()) return Fail(incoming.status());
  const absl::Time deadline = incoming->deadline;
  stream_ = operation().endpoint->ClientStream(*std::move(incoming));
  Watch(deadline);
  Push(buffer_);
}

// The body's info, then what path, query and headers say.
absl::Status Upload::BuildFirst() {
  if (!head()[Header::kContentEncoding].empty()) {
    return Error(Reason::MEDIA_TYPE_UNSUPPORTED,
                 "The body must come without a Content-Encoding.");
  }
  http::v1::BodyChunk chunk;
  const absl::string_view type = head()[Header::kContentType];
  chunk.mutable_info()->set_content_type(type.data(), type.size());
  chunk.mutable_info()->set_size_bytes(
      static_cast<int64_t>(head().content_length.value_or(0)));
  const std::string bytes = chunk.SerializeAsString();
  const FieldSchema& body = *operation().route.body_field;
  buffer_.assign(body.tag_bytes().data(), body.tag_bytes().size());
  char size[kMaxVarintSize];
  buffer_.append(size, PutVarint(bytes.size(), size) - size);
  buffer_.append(bytes);
  ASSIGN_OR_RETURN(const std::string rest,
                   BuildRawRequest(operation(), match_, head()));
  buffer_.append(rest);
  return absl::OkStatus();
}

void Upload::Push(absl::string_view message) {
  stream_->Push(message,
                [self = Self(), stream = stream_](absl::Status status) {
                  self->pushed_ = std::move(status);
                  Exchange& exchange = self->exchange();
                  exchange.Dispatch([self] { self->OnPushed(); });
                });
}

// The service has taken a message: now there is room for the next.
void Upload::OnPushed() {
  if (ended()) return;
  if (!pushed_.ok()) {
    stream_ = nullptr;
    return Fail(std::move(pushed_));
  }
  buffer_.resize(kFramingMax + kPiece);
  exchange().ReadSome(buffer_.data() + kFramingMax, kPiece,
                      [self = Self()](size_t size) { self->OnPiece(size); });
}

// The framing is put in front of the piece, where it was read to: it becomes a
// message without being copied.
void Upload::OnPiece(size_t size) {
  if (size == 0) return Finish();
  const std::string framing = FramingOf(*operation().route.body_field, size);
  const size_t begin = kFramingMax - framing.size();
  std::memcpy(buffer_.data() + begin, framing.data(), framing.size());
  Push(absl::string_view(buffer_).substr(begin, framing.size() + size));
}

// Only a body that came to its end gets here.
void Upload::Finish() {
  stream_->Finish([self = Self(), stream = stream_](rpc::Reply reply) {
    self->reply_ = std::move(reply);
    Exchange& exchange = self->exchange();
    exchange.Dispatch([self] { self->OnReply(); });
  });
}

void Upload::OnReply() {
  if (reply_.status.ok() && context().cache != nullptr) {
    context().cache->Changed(ScopeIn(operation(), match_));
  }
  if (!ended()) RespondWith(reply_);
}

void Upload::CancelUpstream() {
  if (const auto stream = std::move(stream_)) stream->Cancel();
}

}  // namespace praxis::gateway
