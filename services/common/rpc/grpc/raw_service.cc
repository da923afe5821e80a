#include "services/common/rpc/grpc/raw_service.h"

#include <utility>

// Brings the callback handlers, whose own header has moved between versions.
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/impl/rpc_service_method.h"

namespace praxis::rpc {

using grpc::internal::RpcMethod;

int RawService::Add(std::string path, int rpc_type) {
  const std::string& kept = paths_.emplace_back(std::move(path));
  AddMethod(new grpc::internal::RpcServiceMethod(
      kept.c_str(), static_cast<RpcMethod::RpcType>(rpc_type), nullptr));
  return static_cast<int>(paths_.size()) - 1;
}

void RawService::AddUnary(
    std::string path,
    std::function<grpc::ServerUnaryReactor*(Context*, const Buffer*, Buffer*)>
        begin) {
  MarkMethodRawCallback(
      Add(std::move(path), RpcMethod::NORMAL_RPC),
      new grpc::internal::CallbackUnaryHandler<Buffer, Buffer>(
          std::move(begin)));
}

void RawService::AddServerStream(
    std::string path,
    std::function<grpc::ServerWriteReactor<Buffer>*(Context*, const Buffer*)>
        begin) {
  MarkMethodRawCallback(
      Add(std::move(path), RpcMethod::SERVER_STREAMING),
      new grpc::internal::CallbackServerStreamingHandler<Buffer, Buffer>(
          std::move(begin)));
}

void RawService::AddClientStream(
    std::string path,
    std::function<grpc::ServerReadReactor<Buffer>*(Context*, Buffer*)> begin) {
  MarkMethodRawCallback(
      Add(std::move(path), RpcMethod::CLIENT_STREAMING),
      new grpc::internal::CallbackClientStreamingHandler<Buffer, Buffer>(
          std::move(begin)));
}

void RawService::AddBidiStream(
    std::string path,
    std::function<grpc::ServerBidiReactor<Buffer, Buffer>*(Context*)> begin) {
  MarkMethodRawCallback(Add(std::move(path), RpcMethod::BIDI_STREAMING),
                        new grpc::internal::CallbackBidiHandler<Buffer, Buffer>(
                            std::move(begin)));
}

}  // namespace praxis::rpc
