#include "services/common/rpc/grpc/server_stream.h"

#include <string>
#include <utility>

#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/metadata.h"
#include "services/common/rpc/grpc/refusal.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"

namespace praxis::rpc {

grpc::ServerWriteReactor<grpc::ByteBuffer>* ServerStreamReactor::Open(
    Pipeline& pipeline, const Handler& handler,
    const grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
    OpenStreams& streams) {
  if (!request.Valid()) {
    return new Refusal<grpc::ServerWriteReactor<grpc::ByteBuffer>>(
        MessageMissing());
  }
  const Bytes bytes(request);
  std::unique_ptr<StreamCall> call = pipeline.ServerStream(
      handler, IncomingOf(context), std::string(bytes.view()));
  std::shared_ptr<ServerStreamReactor> reactor(
      new ServerStreamReactor(std::move(call), streams));
  reactor->self_ = reactor;
  streams.Add(reactor);
  reactor->Pull();
  return reactor.get();
}

void ServerStreamReactor::Pull() {
  call_->Pull([this](StreamCall::Piece piece) { Take(std::move(piece)); });
}

void ServerStreamReactor::Take(StreamCall::Piece piece) {
  if (piece.end) {
    const bool stopped =
        server_stops_ && ReasonOf(piece.status) == errors::v1::CANCELLED;
    Finish(ToGrpcStatus(stopped ? ServerStops() : piece.status));
    return;
  }
  buffer_ = BufferOf(std::move(piece.message));
  StartWrite(&buffer_);
}

void ServerStreamReactor::OnWriteDone(bool ok) {
  buffer_.Clear();
  // A write that failed is followed by OnCancel at the latest; the pipeline
  // must know before it makes another message for nobody.
  if (!ok) call_->Cancel();
  Pull();
}

void ServerStreamReactor::OnCancel() { call_->Cancel(); }

void ServerStreamReactor::End() {
  server_stops_ = true;
  call_->Cancel();
}

void ServerStreamReactor::OnDone() {
  streams_.Remove(this);
  // Whoever else holds this, in End, keeps it a moment longer.
  const std::shared_ptr<ServerStreamReactor> self = std::move(self_);
}

}  // namespace praxis::rpc
