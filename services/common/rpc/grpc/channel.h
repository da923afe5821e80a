// Calls to another service of the suite.
#ifndef SERVICES_COMMON_RPC_GRPC_CHANNEL_H_
#define SERVICES_COMMON_RPC_GRPC_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace praxis::rpc {

// A channel to `address`, "members:8091", or to each of several IPv4 addresses,
// "10.0.0.1:8091,10.0.0.2:8091". Calls go round all servers that are listed or
// that the name resolves to and that can be reached. One that ends is left out
// as soon as its connection breaks or says so, and what was not sent by then
// goes to another; one that falls silent is found out within five seconds. A
// new connection is tried about twice a second. Costs nothing until the first
// call.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address);

// How a call is made.
struct CallOptions {
  // Bearer token; none is sent when it is empty.
  std::string token;
  // Every call has a deadline.
  absl::Duration timeout = absl::Seconds(5);
  // While the service cannot be reached, wait until the deadline that it can.
  // Else BACKEND_UNAVAILABLE at once, where no connection is being tried.
  bool wait_for_ready = false;
};

// Applies `options` to a call that has not begun. Nobody records its trace.
void Prepare(const CallOptions& options, grpc::ClientContext* context);

// A unary call of `path`, "/package.Service/Method"; blocks until its end.
absl::Status CallUnary(const std::shared_ptr<grpc::Channel>& channel,
                       const std::string& path, const CallOptions& options,
                       const google::protobuf::Message& request,
                       google::protobuf::Message* response);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_CHANNEL_H_
