// ReflectionService: Reflection as gRPC serves it, in one of its two versions.
#ifndef SERVICES_COMMON_RPC_GRPC_REFLECTION_SERVICE_H_
#define SERVICES_COMMON_RPC_GRPC_REFLECTION_SERVICE_H_

#include "absl/strings/string_view.h"
#include "services/common/rpc/grpc/open_streams.h"
#include "services/common/rpc/grpc/raw_service.h"
#include "services/common/rpc/grpc/reflection.h"

namespace praxis::rpc {

// Needs no token: the contracts are no secret.
class ReflectionService : public RawService {
 public:
  static constexpr char kV1[] = "grpc.reflection.v1.ServerReflection";
  static constexpr char kV1Alpha[] = "grpc.reflection.v1alpha.ServerReflection";

  // `name` is one of the two above. The others outlive this.
  ReflectionService(absl::string_view name, const Reflection& reflection,
                    OpenStreams& streams);
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_REFLECTION_SERVICE_H_
