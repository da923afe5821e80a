// What a call takes over from its HTTP request.
#ifndef GATEWAY_CALL_INCOMING_H_
#define GATEWAY_CALL_INCOMING_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/http/head.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::gateway {

// Bytes of what is passed on as metadata, together (a limit of what gRPC
// servers of this age stand).
inline constexpr size_t kMetadataBytesMax = 4096;

// The bearer token, request id and deadline; but for its trace, nothing else
// that a client sends about itself is passed on, for services believe their
// callers' tokens only. `timeout` is what applies when the client does not say;
// infinite means none. TOKEN_INVALID when there is an Authorization that is no
// bearer token: to read it as none would let a mistake pass as an anonymous
// call. HEADER_INVALID for a wrong X-Request-Timeout.
absl::StatusOr<rpc::Incoming> IncomingOf(const RequestHead& head,
                                         absl::string_view request_id,
                                         absl::Time now,
                                         absl::Duration timeout);

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_INCOMING_H_
