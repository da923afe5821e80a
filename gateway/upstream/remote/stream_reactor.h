// StreamReactor: one gRPC stream to a backend.
#ifndef GATEWAY_UPSTREAM_REMOTE_STREAM_REACTOR_H_
#define GATEWAY_UPSTREAM_REMOTE_STREAM_REACTOR_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "gateway/upstream/remote/backend.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/client_callback.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/status/status.h"

namespace praxis::gateway {

// Gives a call its deadline and the metadata that is passed on: authorization,
// traceparent and x-request-id.
void SetContext(const rpc::Incoming& incoming, grpc::ClientContext* context);

// A call that lives until gRPC is done with it, whoever lets go of it before.
//
// Operations are started from outside of gRPC's callbacks, so a hold keeps the
// call from ending under them: it is taken back once nothing will be started
// any more.
class StreamReactor
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  StreamReactor(Backend& backend, const std::string& path,
                const rpc::Incoming& incoming)
      : count_(backend.calls()), backend_(backend) {
    SetContext(incoming, &context_);
    backend.stub().PrepareBidiStreamingCall(&context_, path,
                                            grpc::StubOptions(), this);
    AddHold();
  }

  // `self` is this.
  void Begin(std::shared_ptr<StreamReactor> self) {
    self_ = std::move(self);
    StartCall();
  }

  // Nobody wants the rest.
  void Drop() {
    dropped_ = true;
    context_.TryCancel();
    LetGo();
  }

  const grpc::ClientContext& context() const { return context_; }

  // A stream that runs out of time says nothing about the backend: there was
  // nothing to tell, or the client was slow to send.
  void OnDone(const grpc::Status& status) final {
    if (Backend::IsAnswer(status)) backend_.Answered();
    OnEnded(rpc::FromGrpcStatus(status, dropped_));
    self_ = nullptr;  // may destroy this
  }

 protected:
  // Nothing will be started any more; OnEnded comes next.
  void LetGo() {
    {
      absl::MutexLock lock(&mutex_);
      if (!held_) return;
      held_ = false;
    }
    RemoveHold();
  }

  virtual void OnEnded(absl::Status status) = 0;

  absl::Mutex mutex_;
  // While it is, operations may be started, under the lock. gRPC calls back
  // from threads of its own, never from within.
  bool held_ ABSL_GUARDED_BY(mutex_) = true;

 private:
  const CallCount count_;
  Backend& backend_;
  grpc::ClientContext context_;
  std::atomic<bool> dropped_{false};
  std::shared_ptr<StreamReactor> self_;
};

// What the operations of the other kind of stream answer.
inline absl::Status WrongWay() {
  return Error(Reason::INTERNAL, "The stream goes the other way.");
}

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_STREAM_REACTOR_H_
