// Server streams, from the pipeline to gRPC.
#ifndef SERVICES_COMMON_RPC_GRPC_SERVER_STREAM_H_
#define SERVICES_COMMON_RPC_GRPC_SERVER_STREAM_H_

#include <atomic>
#include <memory>

#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "services/common/rpc/grpc/open_streams.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::rpc {

// One server stream. It holds no thread: a message is pulled from the pipeline,
// written, and only when gRPC has taken it (so that a reader who is slow holds
// one message, not a queue) is the next one pulled.
//
// Pull, write, pull ... is one chain that ends with Finish; whoever wants the
// stream to end cancels the pipeline's side and lets the chain come to it.
class ServerStreamReactor final
    : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
      public OpenStream,
      public std::enable_shared_from_this<ServerStreamReactor> {
 public:
  // Opens a stream. What it answers keeps itself until gRPC is done with it.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Open(
      Pipeline& pipeline, const Handler& handler,
      const grpc::CallbackServerContext& context,
      const grpc::ByteBuffer& request, OpenStreams& streams);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void End() override;

 private:
  ServerStreamReactor(std::unique_ptr<StreamCall> call, OpenStreams& streams)
      : call_(std::move(call)), streams_(streams) {}

  void Pull();
  void Take(StreamCall::Piece piece);

  const std::unique_ptr<StreamCall> call_;
  OpenStreams& streams_;
  grpc::ByteBuffer buffer_;
  std::atomic<bool> server_stops_ = false;
  std::shared_ptr<ServerStreamReactor> self_;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_SERVER_STREAM_H_
