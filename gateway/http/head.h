// The head of an HTTP/1.1 request: read strictly, nothing copied.
#ifndef GATEWAY_HTTP_HEAD_H_
#define GATEWAY_HTTP_HEAD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace praxis::gateway {

// The request fields the gateway knows. What a client sends in any other one
// is not kept, and so cannot be passed on (x-user-id, forwarded and the like).
enum class Header : uint8_t {
  kAccept,
  kAcceptEncoding,
  kAuthorization,
  kConnectProtocolVersion,
  kConnectTimeoutMs,
  kContentEncoding,
  kContentLength,
  kContentType,
  kExpect,
  kGrpcTimeout,
  kHost,
  kIdempotencyKey,
  kIfMatch,
  kIfNoneMatch,
  kIfRange,
  kLastEventId,
  kOrigin,
  kAccessControlRequestHeaders,
  kAccessControlRequestMethod,
  kRange,
  kTraceparent,
  kTransferEncoding,
  kXForwardedFor,
  kXRequestId,
  kXRequestTimeout,
};
inline constexpr size_t kHeaders = 25;

// The field's name, lower-case.
absl::string_view HeaderName(Header header);

// What may be asked of one head.
struct HeadLimits {
  size_t bytes_max = 16 * 1024;
  // Of the request target, within them.
  size_t target_bytes_max = 8 * 1024;
  int fields_max = 100;
};

// One request but for its body. The views are into the bytes it was read from.
struct RequestHead {
  absl::string_view method;  // as sent; methods are case-sensitive
  absl::string_view path;    // percent-encoded, begins with "/", or is "*"
  absl::string_view query;   // without "?", percent-encoded
  bool http_1_0 = false;
  bool keep_alive = true;
  bool chunked = false;
  bool expects_continue = false;
  // Unset: no Content-Length was sent.
  std::optional<uint64_t> content_length;

  // Empty when the field is absent.
  absl::string_view operator[](Header header) const {
    return values[static_cast<size_t>(header)];
  }
  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
  // What X-Forwarded-For says, all its lines as one list.
  absl::string_view forwarded_for() const {
    return forwarded_lines.empty() ? (*this)[Header::kXForwardedFor]
                                   : absl::string_view(forwarded_lines);
  }

  std::array<absl::string_view, kHeaders> values;
  // Empty unless there are several lines: each proxy may add one of its own.
  std::string forwarded_lines;
};

// Reads heads off the front of a buffer. Strict where leniency lets two
// parsers see two different requests (RFC 9112, 11.2): refused are bare LF,
// obs-fold, white space around a field name, a Host or Content-Length that is
// missing or sent twice, Content-Length beside Transfer-Encoding, and any
// transfer coding but "chunked".
class HeadReader {
 public:
  explicit HeadReader(HeadLimits limits) : limits_(limits) {}

  // `bytes` is everything unread; it begins where the last head ended and,
  // while this answers 0 (not whole yet), may only grow. Else answers how many
  // bytes the head takes. HEADER_INVALID, URL_INVALID, URL_TOO_LONG or
  // HEAD_TOO_LARGE, after which the connection is of no further use.
  absl::StatusOr<size_t> Read(absl::string_view bytes, RequestHead* head);

 private:
  // Where the head ends, 0 if not in `bytes`; checks the ends of lines.
  absl::StatusOr<size_t> FindEnd(absl::string_view bytes);
  absl::Status TooLong(absl::string_view bytes) const;

  const HeadLimits limits_;
  // Up to here lines are known to be well-formed.
  size_t line_ = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_HEAD_H_
