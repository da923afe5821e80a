// Unary calls, from gRPC to the pipeline and back.
#ifndef SERVICES_COMMON_RPC_GRPC_UNARY_H_
#define SERVICES_COMMON_RPC_GRPC_UNARY_H_

#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::rpc {

// Runs one call. The reactor that it answers belongs to gRPC. `request` and
// `response` live until it is done.
grpc::ServerUnaryReactor* RunUnary(Pipeline& pipeline, const Handler& handler,
                                   grpc::CallbackServerContext& context,
                                   const grpc::ByteBuffer& request,
                                   grpc::ByteBuffer* response);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_UNARY_H_
