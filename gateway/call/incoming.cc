#include "gateway/call/incoming.h"

#include <algorithm>
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

// b64token of RFC 6750, 2.1, but for where "=" may stand. What gRPC cannot send
// as metadata it aborts the program for.
bool IsTokenText(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("-._~+/=", c);
  });
}

// Empty when none was sent.
absl::StatusOr<absl::string_view> TokenOf(absl::string_view authorization) {
  if (authorization.data() == nullptr) return authorization;
  if (absl::StartsWithIgnoreCase(authorization, kBearer)) {
    const absl::string_view token =
        absl::StripAsciiWhitespace(authorization.substr(kBearer.size()));
    if (!token.empty() && token.size() <= kMetadataBytesMax - 512 &&
        IsTokenText(token)) {
      return token;
    }
  }
  return Error(Reason::TOKEN_INVALID,
               "Authorization must be a bearer token of ours.");
}

// Each protocol has a header of its own; ours goes first.
absl::StatusOr<absl::Duration> TimeoutOf(const RequestHead& head,
                                         absl::Duration otherwise) {
  const absl::string_view ours = head[Header::kXRequestTimeout];
  if (ours.data() != nullptr) return ParseTimeout(ours);
  const absl::string_view connect = head[Header::kConnectTimeoutMs];
  if (connect.data() != nullptr) return ParseConnectTimeout(connect);
  const absl::string_view grpc = head[Header::kGrpcTimeout];
  if (grpc.data() != nullptr) return ParseGrpcTimeout(grpc);
  return otherwise;
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
  ASSIGN_OR_RETURN(timeout, TimeoutOf(head, timeout));
  incoming.deadline = now + timeout;
  incoming.request_id = Copy(request_id);
  incoming.cancelled = std::make_shared<std::atomic<bool>>(false);
  return incoming;
}

}  // namespace praxis::gateway
