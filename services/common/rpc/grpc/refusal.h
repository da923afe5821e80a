// Refusal: a call that ends before it has begun.
#ifndef SERVICES_COMMON_RPC_GRPC_REFUSAL_H_
#define SERVICES_COMMON_RPC_GRPC_REFUSAL_H_

#include "absl/status/status.h"
#include "services/common/rpc/grpc/status.h"

namespace praxis::rpc {

// A server reactor of any kind, `Base`, that answers one status. Deletes
// itself when gRPC is done with it.
template <typename Base>
class Refusal final : public Base {
 public:
  explicit Refusal(const absl::Status& status) {
    this->Finish(ToGrpcStatus(status));
  }
  void OnDone() override { delete this; }
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_REFUSAL_H_
