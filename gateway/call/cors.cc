#include "gateway/call/cors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "gateway/http/response.h"

namespace praxis::gateway {

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

// RFC 6454, 6.2: as browsers write it.
bool Cors::IsOrigin(absl::string_view text) {
  const size_t colon = text.find("://");
  if (colon == text.npos || colon == 0) return false;
  const absl::string_view host = text.substr(colon + 3);
  return !host.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isgraph(c) && !absl::ascii_isupper(c);
  }) && host.find_first_of("/*?#@") == host.npos;
}

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
      "Access-Control-Expose-Headers: Accept-Ranges, Allow, "
      "Content-Disposition, Content-Range, ETag, Grpc-Message, Grpc-Status, "
      "Grpc-Status-Details-Bin, Retry-After, WWW-Authenticate, "
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
      "Access-Control-Allow-Headers: Authorization, Connect-Protocol-Version, "
      "Connect-Timeout-Ms, Content-Type, Grpc-Timeout, Idempotency-Key, "
      "If-Match, If-None-Match, If-Range, Last-Event-ID, Range, Traceparent, "
      "X-Grpc-Web, X-Request-Id, X-Request-Timeout, X-User-Agent\r\n"
      "Access-Control-Max-Age: 600\r\n");
}

}  // namespace praxis::gateway
