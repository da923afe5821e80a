// Client streams, from gRPC to the pipeline.
#ifndef SERVICES_COMMON_RPC_GRPC_CLIENT_STREAM_H_
#define SERVICES_COMMON_RPC_GRPC_CLIENT_STREAM_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/open_streams.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::rpc {

// One client stream. It holds no thread: a message is read, pushed into the
// pipeline, and only when the handler has taken it is the next one read.
//
// The pipeline's Finish, which makes what was sent count, is called only when
// the caller has said that it is all. gRPC's last read ends in the same way
// when the caller breaks off or a message is too large, and IsCancelled may
// come late (measured for the latter: nearly always). So the answer's headers
// are sent first: on a call that has broken off that fails.
class ClientStreamReactor final
    : public grpc::ServerReadReactor<grpc::ByteBuffer>,
      public OpenStream,
      public std::enable_shared_from_this<ClientStreamReactor> {
 public:
  // The reactor keeps itself until gRPC is done with it.
  static ClientStreamReactor* Open(Pipeline& pipeline, const Handler& handler,
                                   const grpc::CallbackServerContext& context,
                                   grpc::ByteBuffer* response,
                                   OpenStreams& streams);

  void OnReadDone(bool ok) override;
  void OnSendInitialMetadataDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void End() override;

 private:
  enum class State {
    // gRPC will call OnReadDone.
    kReading,
    // The pipeline has a message or the end.
    kWorking,
    // The status is sent.
    kFinished,
  };

  ClientStreamReactor(std::unique_ptr<StreamCall> call,
                      const grpc::CallbackServerContext& context,
                      grpc::ByteBuffer* response, OpenStreams& streams)
      : call_(std::move(call)),
        context_(context),
        response_(response),
        streams_(streams) {}

  // From kReading to kWorking; false when the stream has ended meanwhile.
  bool BeginWork();
  void Pushed(const absl::Status& status);
  void Replied(Reply reply);
  void FinishWith(const absl::Status& status);

  const std::unique_ptr<StreamCall> call_;
  const grpc::CallbackServerContext& context_;
  grpc::ByteBuffer* const response_;
  OpenStreams& streams_;
  grpc::ByteBuffer buffer_;
  Bytes bytes_;
  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kReading;
  bool server_stops_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<ClientStreamReactor> self_;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_CLIENT_STREAM_H_
