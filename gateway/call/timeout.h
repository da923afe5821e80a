// How long a client lets a call take.
#ifndef GATEWAY_CALL_TIMEOUT_H_
#define GATEWAY_CALL_TIMEOUT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::gateway {

inline constexpr absl::Duration kTimeoutMax = absl::Seconds(300);

// The header X-Request-Timeout: seconds ("2", "1.5s") or milliseconds
// ("500ms"), more than nothing and at most kTimeoutMax. HEADER_INVALID
// otherwise.
absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view text);

// The header Connect-Timeout-Ms: at most ten digits. What is more than
// kTimeoutMax is cut to it, since clients of RPCs set far deadlines by habit.
// HEADER_INVALID for anything else.
absl::StatusOr<absl::Duration> ParseConnectTimeout(absl::string_view text);

// The header grpc-timeout (gRPC over HTTP/2): at most eight digits and a unit,
// one of HMSmun; cut and refused in the same way.
absl::StatusOr<absl::Duration> ParseGrpcTimeout(absl::string_view text);

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_TIMEOUT_H_
