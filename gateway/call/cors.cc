#include "gateway/call/cors.h"

#include <algorithm>
#include <utility>

#include "gateway/http/response.h"

namespace praxis::gateway {

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

bool Cors::Allows(absl::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

// Vary also where the origin is not let in, or a shared cache would give its
// answer to one that is.
void Cors::AddFields(const RequestHead& head, std::string* fields) const {
  if (origins_.empty()) return;
  fields->append("Vary: Origin\r\n");
  const absl::string_view origin = head[Header::kOrigin];
  if (origin.empty() || !Allows(origin)) return;
  AddField("Access-Control-Allow-Origin", origin, fields);
  fields->append(
      "Access-Control-Expose-Headers: Content-Disposition, ETag, Retry-After, "
      "X-Request-Id\r\n");
}

// Browsers ask this before every request that a form could not have sent.
void Cors::AddPreflightFields(const RequestHead& head, absl::string_view allow,
                              std::string* fields) const {
  if (!Allows(head[Header::kOrigin]) ||
      head[Header::kAccessControlRequestMethod].empty()) {
    return;
  }
  AddField("Access-Control-Allow-Methods", allow, fields);
  fields->append(
      "Access-Control-Allow-Headers: Authorization, Content-Type, "
      "Idempotency-Key, If-Match, If-None-Match, If-Range, Range, Traceparent, "
      "X-Request-Id, X-Request-Timeout\r\n"
      "Access-Control-Max-Age: 600\r\n");
}

}  // namespace praxis::gateway
