// Channelz: what gRPC knows of its own channels and servers.
#ifndef SERVICES_COMMON_RPC_GRPC_CHANNELZ_H_
#define SERVICES_COMMON_RPC_GRPC_CHANNELZ_H_

#include <string>

#include "absl/strings/string_view.h"

namespace praxis::rpc {

// JSON of grpc.channelz.v1 (gRFC A14) about this process. `query` is empty for
// its top channels and its servers, else one of "channel=ID", "subchannel=ID",
// "server=ID", "sockets=ID" (of a server) and "socket=ID". Empty for what is
// not there. Thread-safe.
std::string ChannelzJson(absl::string_view query);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_CHANNELZ_H_
