#include "gateway/stream/download.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gateway/call/conditions.h"
#include "gateway/call/request.h"
#include "gateway/stream/attachment.h"
#include "gateway/transcode/wire.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// Of 200, 206 and 304 alike (RFC 9110, 15.4.5).
constexpr char kCacheControl[] = "Cache-Control: private, no-cache\r\n";

// A BodyChunk, read in place.
struct Chunk {
  absl::string_view data;
  std::optional<http::v1::BodyInfo> info;
};

// The data stays where it lies, in the message that came: 256 KiB are not
// copied.
bool ParseChunk(absl::string_view wire, Chunk* chunk) {
  WireCursor in(wire);
  WireRecord record;
  while (!in.done()) {
    if (!in.ReadRecord(&record)) return false;
    if (record.type != WireType::kBytes) continue;
    if (record.number == http::v1::BodyChunk::kDataFieldNumber) {
      chunk->data = record.bytes;
    } else if (record.number == http::v1::BodyChunk::kInfoFieldNumber) {
      const absl::string_view bytes = record.bytes;
      if (!chunk->info.emplace().ParseFromArray(
              bytes.data(), static_cast<int>(bytes.size()))) {
        return false;
      }
    }
  }
  return true;
}

// Whether If-Range names exactly this body (RFC 9110, 13.1.5). A date never
// does: bodies have etags here.
bool IsSameBody(absl::string_view if_range, const std::string& etag) {
  return !etag.empty() && if_range == absl::StrCat("\"", etag, "\"");
}

// Also of 304: the same bytes may have got another name.
std::string FieldsOf(const http::v1::BodyInfo& info) {
  std::string fields = kCacheControl;
  AddAttachmentFields(info.filename(), &fields);
  AddEtag(info.etag(), &fields);
  return fields;
}

}  // namespace

void Download::Run() {
  absl::Status status = CheckJsonBody(operation().route, head());
  if (!status.ok()) return Fail(std::move(status));
  if (head().method == "GET" && operation().range_offset.has_value()) {
    range_ = ParseRange(head()[Header::kRange]);
  }
  if (!range_.has_value()) return OpenFor(Purpose::kWhole);
  OpenFor(head()[Header::kIfRange].empty() ? Purpose::kRange
                                           : Purpose::kAskEtag);
}

// Opens the stream anew for another purpose; the one before is let go.
void Download::OpenFor(Purpose purpose) {
  purpose_ = purpose;
  absl::StatusOr<std::string> wire =
      BuildRequest(operation(), match_, head(), "");
  if (wire.ok() && purpose == Purpose::kRange) {
    absl::Status status =
        operation().range_offset->Append(absl::StrCat(range_->offset), &*wire);
    status.Update(
        operation().range_limit->Append(absl::StrCat(range_->limit), &*wire));
    if (!status.ok()) wire = std::move(status);
  }
  Open(std::move(wire));
}

void Download::OnPiece() {
  if (piece().end) return OnEnd();
  Chunk chunk;
  if (!ParseChunk(piece().message, &chunk)) {
    const absl::Status broken =
        Error(Reason::INTERNAL, "A piece of the body does not parse.");
    return started() ? Break(broken) : Fail(broken);
  }
  if (!started()) {
    OnFirst(chunk.info.value_or(http::v1::BodyInfo()));
    if (!started() || ended()) return;
  }
  left_ -= static_cast<int64_t>(chunk.data.size());
  const size_t begin =
      chunk.data.empty() ? 0 : chunk.data.data() - piece().message.data();
  exchange().Write({.piece = std::move(piece().message),
                    .begin = begin,
                    .size = chunk.data.size()},
                   [self = Self()] { self->OnWritten(); });
}

void Download::OnWritten() {
  if (ended()) return;
  // The client may leave once it has all, so its answer ends here. The stream
  // is still taken to its end: to let go of it would look like a cancelled
  // call.
  if (left_ == 0) Ended();
  Pull();
}

// The end came from the service: well, early, or before anything else.
void Download::OnEnd() {
  if (started()) {
    return piece().status.ok() ? Ended() : Break(piece().status);
  }
  // A stream without a first piece is the body of nothing.
  if (piece().status.ok()) {
    StartBody(http::v1::BodyInfo());
    return Ended();
  }
  if (purpose_ == Purpose::kRange &&
      ReasonOf(piece().status) == Reason::RANGE_UNSATISFIABLE) {
    return OpenFor(Purpose::kAskSize);
  }
  Fail(std::move(piece().status));
}

// The first piece tells what the body is: then conditions can be judged.
void Download::OnFirst(const http::v1::BodyInfo& info) {
  const absl::string_view known = head()[Header::kIfNoneMatch];
  if (!known.empty() && !info.etag().empty() && NamesEtag(known, info.etag())) {
    Close();
    Response response;
    response.status = 304;
    response.fields = FieldsOf(info);
    return Respond(std::move(response));
  }
  if (purpose_ == Purpose::kAskSize) {
    Close();
    return Fail(
        Error(Reason::RANGE_UNSATISFIABLE,
              "The range lies outside of the body."),
        absl::StrCat("Content-Range: bytes */", info.size_bytes(), "\r\n"));
  }
  if (purpose_ == Purpose::kAskEtag) {
    if (IsSameBody(head()[Header::kIfRange], info.etag())) {
      return OpenFor(Purpose::kRange);
    }
    purpose_ = Purpose::kWhole;
  }
  // Another body has taken its place since it was asked which one it is.
  const absl::string_view if_range = head()[Header::kIfRange];
  if (purpose_ == Purpose::kRange && !if_range.empty() &&
      !IsSameBody(if_range, info.etag())) {
    return OpenFor(Purpose::kWhole);
  }
  StartBody(info);
  if (head().method != "HEAD") return;
  Close();
  Ended();
}

// The head of 200 or 206.
void Download::StartBody(const http::v1::BodyInfo& info) {
  int64_t length = info.size_bytes();
  Response response;
  response.content_type = SafeMediaType(info.content_type());
  response.fields = FieldsOf(info);
  if (operation().range_offset.has_value()) {
    response.fields += "Accept-Ranges: bytes\r\n";
  }
  if (purpose_ == Purpose::kRange) {
    response.status = 206;
    length -= info.offset();
    if (range_->limit > 0) length = std::min(length, range_->limit);
    AddField("Content-Range",
             absl::StrCat("bytes ", info.offset(), "-",
                          info.offset() + length - 1, "/", info.size_bytes()),
             &response.fields);
  }
  left_ = length;
  Start(std::move(response), length);
}

}  // namespace praxis::gateway
