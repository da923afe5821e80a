// What the rim takes from a call's metadata.
#ifndef SERVICES_COMMON_RPC_GRPC_METADATA_H_
#define SERVICES_COMMON_RPC_GRPC_METADATA_H_

#include <cstdint>
#include <map>

#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/string_ref.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::rpc {

using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// Reply::access_position, which follows a reply's message where it is above 0:
// a decimal number.
inline constexpr char kAccessPosition[] = "praxis-access-position";
int64_t AccessPositionOf(const Metadata& trailing);

// `authorization`, `traceparent` and `x-request-id`; nothing else that a caller
// sends is looked at, least of all who they say they are.
//
// Whatever stands in `authorization` is taken for a token and verified as one:
// another scheme, or the header sent twice, is refused and not read as
// "no token". A request id is kept if it is 1 to 128 visible ASCII characters.
void ReadMetadata(const Metadata& metadata, Incoming* incoming);

// Metadata, deadline and a cancel flag of its own.
Incoming IncomingOf(const grpc::CallbackServerContext& context);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_METADATA_H_
