// RpcUnary: a unary RPC called by Connect or gRPC-Web.
#ifndef GATEWAY_CONNECT_RPC_UNARY_H_
#define GATEWAY_CONNECT_RPC_UNARY_H_

#include <memory>

#include "gateway/call/unary_call.h"
#include "gateway/forms/form.h"

namespace praxis::gateway {

// A unary call whose request is a message of the client's protocol, and whose
// answer is one too. A GET has its message in the query (Connect only).
class RpcUnary : public UnaryCall {
 public:
  using UnaryCall::UnaryCall;

  void Run() override;

 private:
  std::shared_ptr<RpcUnary> Self() {
    return std::static_pointer_cast<RpcUnary>(shared_from_this());
  }
  void RunGet();
  absl::Status WriteBody(absl::string_view message,
                         Response* response) const override;

  Form form_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_CONNECT_RPC_UNARY_H_
