#include "gateway/call/request.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/call/conditions.h"
#include "gateway/routes/request_binding.h"
#include "gateway/transcode/wire.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

bool IsJsonType(absl::string_view content_type) {
  const absl::string_view type = absl::StripAsciiWhitespace(
      content_type.substr(0, content_type.find(';')));
  return absl::EqualsIgnoreCase(type, "application/json") ||
         (absl::StartsWithIgnoreCase(type, "application/") &&
          absl::EndsWithIgnoreCase(type, "+json"));
}

// Whether a message's bytes set a field of its own.
bool HasField(absl::string_view wire, uint32_t number) {
  WireCursor in(wire);
  WireRecord record;
  while (!in.done() && in.ReadRecord(&record)) {
    if (record.number == number) return true;
  }
  return false;
}

// What the header `name` says, as the value of a field.
absl::Status AddText(const FieldPath& path, absl::string_view text,
                     absl::string_view name, std::string* wire) {
  if (path.Append(text, wire).ok()) return absl::OkStatus();
  return Error(Reason::HEADER_INVALID, absl::StrCat(name, " is not UTF-8."));
}

// Appended behind the body, it wins over an etag in there: the header is what
// proxies and caches see.
absl::Status AddIfMatch(const Operation& operation, const RequestHead& head,
                        std::string* wire) {
  const absl::string_view if_match = head[Header::kIfMatch];
  if (if_match.empty() || operation.route.http_method == "GET") {
    return absl::OkStatus();
  }
  if (!operation.etag.has_value()) {
    return Error(Reason::HEADER_INVALID,
                 "This method cannot be made conditional by If-Match.");
  }
  ASSIGN_OR_RETURN(const absl::string_view etag, EtagOfIfMatch(if_match));
  return AddText(*operation.etag, etag, "If-Match", wire);
}

// draft-ietf-httpapi-idempotency-key-header; the field of AIP-155 goes first.
absl::Status AddIdempotencyKey(const Operation& operation,
                               const RequestHead& head, std::string* wire) {
  absl::string_view key = head[Header::kIdempotencyKey];
  if (key.empty() || !operation.request_id.has_value() ||
      HasField(*wire, operation.request_id->first().number)) {
    return absl::OkStatus();
  }
  // Some clients send it as the quoted string of a structured field.
  if (key.size() > 2 && key.front() == '"' && key.back() == '"') {
    key = key.substr(1, key.size() - 2);
  }
  return AddText(*operation.request_id, key, "Idempotency-Key", wire);
}

// The number of the last message that came (the HTML standard, 9.2.4). Browsers
// ask again by the URL of the first time, so the header wins over that.
absl::Status AddLastEventId(const Operation& operation, const RequestHead& head,
                            std::string* wire) {
  const absl::string_view id = head[Header::kLastEventId];
  if (id.empty() || !operation.after.has_value() ||
      operation.after->Append(id, wire).ok()) {
    return absl::OkStatus();
  }
  return Error(Reason::HEADER_INVALID,
               "Last-Event-ID must be the id of an event of this stream.");
}

}  // namespace

absl::Status AddHeaders(const Operation& operation, const RequestHead& head,
                        std::string* wire) {
  RETURN_IF_ERROR(AddIfMatch(operation, head, wire));
  RETURN_IF_ERROR(AddLastEventId(operation, head, wire));
  return AddIdempotencyKey(operation, head, wire);
}

absl::Status CheckJsonBody(const Route& route, const RequestHead& head) {
  if (!head.has_body()) return absl::OkStatus();
  if (route.body == Route::Body::kNone) {
    return Error(Reason::BODY_INVALID, "This method takes no body.");
  }
  const absl::string_view type = head[Header::kContentType];
  const absl::string_view coding = head[Header::kContentEncoding];
  if ((!type.empty() && !IsJsonType(type)) ||
      (!coding.empty() && !absl::EqualsIgnoreCase(coding, "identity"))) {
    return Error(Reason::MEDIA_TYPE_UNSUPPORTED,
                 "The body must be JSON as application/json, not compressed.");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BuildRequest(const Operation& operation,
                                         const RouteMatch& match,
                                         const RequestHead& head,
                                         absl::string_view body) {
  ASSIGN_OR_RETURN(std::string wire, BindRequest(match, head.query, body));
  RETURN_IF_ERROR(AddHeaders(operation, head, &wire));
  return wire;
}

absl::StatusOr<std::string> BuildRawRequest(const Operation& operation,
                                            const RouteMatch& match,
                                            const RequestHead& head) {
  ASSIGN_OR_RETURN(std::string wire, BindUrl(match, head.query));
  RETURN_IF_ERROR(AddHeaders(operation, head, &wire));
  return wire;
}

}  // namespace praxis::gateway
