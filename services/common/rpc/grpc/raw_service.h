// RawService: a gRPC service whose methods take and give wire bytes.
#ifndef SERVICES_COMMON_RPC_GRPC_RAW_SERVICE_H_
#define SERVICES_COMMON_RPC_GRPC_RAW_SERVICE_H_

#include <deque>
#include <functional>
#include <string>

#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace praxis::rpc {

// Registers methods as generated code does, so that their calls take gRPC's
// fast path for known methods; there is no generated class, and no message type
// is named. Reactors delete themselves in OnDone.
class RawService : public grpc::Service {
 protected:
  using Context = grpc::CallbackServerContext;
  using Buffer = grpc::ByteBuffer;

  // `path` is "/package.Service/Method".
  void AddUnary(std::string path,
                std::function<grpc::ServerUnaryReactor*(
                    Context*, const Buffer* request, Buffer* response)>
                    begin);
  void AddServerStream(std::string path,
                       std::function<grpc::ServerWriteReactor<Buffer>*(
                           Context*, const Buffer* request)>
                           begin);
  void AddClientStream(std::string path,
                       std::function<grpc::ServerReadReactor<Buffer>*(
                           Context*, Buffer* response)>
                           begin);
  void AddBidiStream(
      std::string path,
      std::function<grpc::ServerBidiReactor<Buffer, Buffer>*(Context*)> begin);

 private:
  // Answers the new method's index.
  int Add(std::string path, int rpc_type);

  // gRPC keeps the address of each path.
  std::deque<std::string> paths_;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_RAW_SERVICE_H_
