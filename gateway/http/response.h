// The head of an HTTP/1.1 answer.
#ifndef GATEWAY_HTTP_RESPONSE_H_
#define GATEWAY_HTTP_RESPONSE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::gateway {

// An answer.
struct Response {
  int status = 200;
  // Empty: no Content-Type. Not copied: a literal.
  absl::string_view content_type;
  // More fields, each made by AddField().
  std::string fields;
  std::string body;
  // In its place, one that other answers have too.
  std::shared_ptr<const std::string> shared_body;

  absl::string_view content() const {
    return shared_body != nullptr ? *shared_body : body;
  }
};

// Appends "name: value" as one header line. Control characters in the value,
// which could forge another line, become spaces.
void AddField(absl::string_view name, absl::string_view value,
              std::string* fields);

// What a head says beside its Response.
struct ResponseFraming {
  absl::string_view date;  // IMF-fixdate
  absl::string_view request_id;
  // Unset: the body is sent chunked, or up to the end of the connection to
  // clients of HTTP/1.0, which cannot read chunks.
  std::optional<uint64_t> length;
  bool http_1_0 = false;
  bool keep_alive = true;
};

// Appends the head with the empty line after it. Every answer has Date,
// X-Request-Id and X-Content-Type-Options: nosniff.
void AppendHead(const Response& response, const ResponseFraming& framing,
                std::string* out);

// IMF-fixdate of RFC 9110, 5.6.7.
std::string HttpDate(absl::Time time);

// The text after a status code, such as "Not Found".
absl::string_view ReasonPhrase(int status);

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_RESPONSE_H_
