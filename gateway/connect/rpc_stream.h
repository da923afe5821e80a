// RpcStream: a server-streaming RPC called by Connect or gRPC-Web.
#ifndef GATEWAY_CONNECT_RPC_STREAM_H_
#define GATEWAY_CONNECT_RPC_STREAM_H_

#include "gateway/stream/messages.h"

namespace praxis::gateway {

// Messages in envelopes, the last of which says how the stream ended: so a
// failure is seen as one wherever it happens.
class RpcStream : public Messages {
 public:
  using Messages::Messages;

  void Run() override;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_CONNECT_RPC_STREAM_H_
