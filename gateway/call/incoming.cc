#include "gateway/call/incoming.h"

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "gateway/call/timeout.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

constexpr absl::string_view kBearer = "Bearer ";
// "00-" trace id "-" span id "-" flags; a later version may say more.
constexpr size_t kTraceparentMax = 128;

// Empty when none was sent.
absl::StatusOr<absl::string_view> TokenOf(absl::string_view authorization) {
  if (authorization.data() == nullptr) return authorization;
  if (absl::StartsWithIgnoreCase(authorization, kBearer)) {
    const absl::string_view token =
        absl::StripAsciiWhitespace(authorization.substr(kBearer.size()));
    if (!token.empty() && token.size() <= kMetadataBytesMax - 512) return token;
  }
  return Error(Reason::TOKEN_INVALID,
               "Authorization must be a bearer token of ours.");
}

std::string Copy(absl::string_view text) {
  return std::string(text.data(), text.size());
}

}  // namespace

absl::StatusOr<rpc::Incoming> IncomingOf(const RequestHead& head,
                                         absl::string_view request_id,
                                         absl::Time now,
                                         absl::Duration timeout) {
  rpc::Incoming incoming;
  ASSIGN_OR_RETURN(const absl::string_view token,
                   TokenOf(head[Header::kAuthorization]));
  incoming.token = Copy(token);
  const absl::string_view asked = head[Header::kXRequestTimeout];
  if (asked.data() != nullptr) {
    ASSIGN_OR_RETURN(timeout, ParseTimeout(asked));
  }
  incoming.deadline = now + timeout;
  const absl::string_view trace = head[Header::kTraceparent];
  if (trace.size() <= kTraceparentMax) incoming.traceparent = Copy(trace);
  incoming.request_id = Copy(request_id);
  incoming.cancelled = std::make_shared<std::atomic<bool>>(false);
  return incoming;
}

}  // namespace praxis::gateway
