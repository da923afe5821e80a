// Our errors as gRPC's, and back.
#ifndef SERVICES_COMMON_RPC_GRPC_STATUS_H_
#define SERVICES_COMMON_RPC_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace praxis::rpc {

// Code and message as they are, google.rpc.Status in grpc-status-details-bin
// (AIP-193). Trailers are limited by every peer, often to 8 KiB, and one that
// is too long costs the caller the whole error: a long message is cut, and when
// the details do not fit, ErrorInfo alone is kept.
grpc::Status ToGrpcStatus(const absl::Status& status);

// What a call to another service failed with. A status that has none of our
// details was made by gRPC itself, so the reason is told from its code: the
// backend cannot be reached, took too long, and so on.
//
// CANCELLED of gRPC's own comes from the caller's own TryCancel, or from a
// server that is shutting down, which so ends the calls that reach it in its
// last milliseconds, unprocessed. Who has not cancelled passes false for
// `may_be_cancelled`, and it is BACKEND_UNAVAILABLE: to be tried elsewhere.
absl::Status FromGrpcStatus(const grpc::Status& status,
                            bool may_be_cancelled = true);

// BACKEND_UNAVAILABLE: what ends a stream when the server stops.
absl::Status ServerStops();

// TOO_LARGE: what is answered when gRPC hands on a call without its message,
// which it does when the message is larger than it may be. The caller sees this
// or gRPC's own RESOURCE_EXHAUSTED, whichever is sent first.
absl::Status MessageMissing();

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_STATUS_H_
