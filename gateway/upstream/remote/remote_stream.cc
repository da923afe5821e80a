#include "gateway/upstream/remote/remote_stream.h"

#include <atomic>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using Base = grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

absl::Status WrongWay() {
  return Error(Reason::INTERNAL, "The stream goes the other way.");
}

// A call that lives until gRPC is done with it, whoever lets go of it before.
//
// Operations are started from outside of gRPC's callbacks, so a hold keeps the
// call from ending under them: it is taken back once nothing will be started
// any more.
class StreamReactor : public Base {
 public:
  StreamReactor(grpc::GenericStub& stub, std::shared_ptr<Calls> calls,
                const std::string& path, const rpc::Incoming& incoming)
      : count_(std::move(calls)) {
    SetContext(incoming, &context_);
    stub.PrepareBidiStreamingCall(&context_, path, grpc::StubOptions(), this);
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

  void OnDone(const grpc::Status& status) final {
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
  grpc::ClientContext context_;
  std::atomic<bool> dropped_{false};
  std::shared_ptr<StreamReactor> self_;
};

}  // namespace

void SetContext(const rpc::Incoming& incoming, grpc::ClientContext* context) {
  if (!incoming.token.empty()) {
    context->AddMetadata("authorization",
                         absl::StrCat("Bearer ", incoming.token));
  }
  if (!incoming.traceparent.empty()) {
    context->AddMetadata("traceparent", incoming.traceparent);
  }
  if (!incoming.request_id.empty()) {
    context->AddMetadata("x-request-id", incoming.request_id);
  }
  if (incoming.deadline != absl::InfiniteFuture()) {
    context->set_deadline(absl::ToChronoTime(incoming.deadline));
  }
}

class RemoteServerStream::Reactor : public StreamReactor {
 public:
  Reactor(grpc::GenericStub& stub, std::shared_ptr<Calls> calls,
          const std::string& path, const rpc::Incoming& incoming,
          std::string request)
      : StreamReactor(stub, std::move(calls), path, incoming),
        request_(rpc::BufferOf(std::move(request))) {}

  void Open(std::shared_ptr<Reactor> self) {
    StartWriteLast(&request_, grpc::WriteOptions());
    Begin(std::move(self));
  }

  void Pull(absl::AnyInvocable<void(Piece)> done) {
    {
      absl::MutexLock lock(&mutex_);
      if (!ended_.has_value()) {
        pulling_ = std::move(done);
        if (held_) StartRead(&message_);
        return;
      }
    }
    done({.end = true, .status = *ended_});
  }

  void OnReadDone(bool ok) override {
    if (!ok) return LetGo();  // OnEnded answers the pull
    absl::AnyInvocable<void(Piece)> done;
    {
      absl::MutexLock lock(&mutex_);
      done = std::exchange(pulling_, nullptr);
    }
    Piece piece;
    piece.message = std::string(rpc::Bytes(message_).view());
    done(std::move(piece));
  }

 private:
  void OnEnded(absl::Status status) override {
    absl::AnyInvocable<void(Piece)> done;
    {
      absl::MutexLock lock(&mutex_);
      ended_ = status;
      done = std::exchange(pulling_, nullptr);
    }
    if (done) done({.end = true, .status = std::move(status)});
  }

  const grpc::ByteBuffer request_;
  grpc::ByteBuffer message_;
  absl::AnyInvocable<void(Piece)> pulling_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> ended_ ABSL_GUARDED_BY(mutex_);
};

RemoteServerStream::RemoteServerStream(grpc::GenericStub& stub,
                                       std::shared_ptr<Calls> calls,
                                       const std::string& path,
                                       const rpc::Incoming& incoming,
                                       std::string request)
    : reactor_(std::make_shared<Reactor>(stub, std::move(calls), path, incoming,
                                         std::move(request))) {
  reactor_->Open(reactor_);
}

RemoteServerStream::~RemoteServerStream() { reactor_->Drop(); }

void RemoteServerStream::Pull(absl::AnyInvocable<void(Piece)> done) {
  reactor_->Pull(std::move(done));
}
void RemoteServerStream::Push(absl::string_view,
                              absl::AnyInvocable<void(absl::Status)> done) {
  done(WrongWay());
}
void RemoteServerStream::Finish(absl::AnyInvocable<void(rpc::Reply)> done) {
  done({WrongWay(), ""});
}
void RemoteServerStream::Cancel() { reactor_->Drop(); }

class RemoteClientStream::Reactor : public StreamReactor {
 public:
  using StreamReactor::StreamReactor;

  void Open(std::shared_ptr<Reactor> self) { Begin(std::move(self)); }

  void Push(absl::string_view message,
            absl::AnyInvocable<void(absl::Status)> done) {
    {
      absl::MutexLock lock(&mutex_);
      if (!ended_.has_value()) {
        pushing_ = std::move(done);
        // Copied: gRPC may still hold it after it has called back.
        message_ = rpc::BufferOf(std::string(message));
        if (held_) StartWrite(&message_);
        return;
      }
    }
    done(Early());
  }

  void OnWriteDone(bool ok) override {
    absl::AnyInvocable<void(absl::Status)> done;
    {
      absl::MutexLock lock(&mutex_);
      if (ok) {
        done = std::exchange(pushing_, nullptr);
      } else if (held_) {
        // The call is over. Its end is not told before a reply that may be
        // there is read; then OnEnded answers the push.
        StartRead(&message_);
      }
    }
    if (ok) done(absl::OkStatus());
  }

  void Finish(absl::AnyInvocable<void(rpc::Reply)> done) {
    {
      absl::MutexLock lock(&mutex_);
      if (!ended_.has_value()) {
        finishing_ = std::move(done);
        if (held_) {
          StartWritesDone();
          StartRead(&message_);
        }
        return;
      }
    }
    done({Early(), ""});
  }

  // The reply, or the end without one: either way nothing else will be started.
  void OnReadDone(bool) override { LetGo(); }

 private:
  // The service ended the call before all was sent.
  absl::Status Early() {
    if (!ended_->ok()) return *ended_;
    return Error(Reason::INTERNAL, "The service answered too early.");
  }

  void OnEnded(absl::Status status) override {
    absl::AnyInvocable<void(absl::Status)> pushing;
    absl::AnyInvocable<void(rpc::Reply)> finishing;
    {
      absl::MutexLock lock(&mutex_);
      ended_ = status;
      pushing = std::exchange(pushing_, nullptr);
      finishing = std::exchange(finishing_, nullptr);
    }
    if (pushing) pushing(Early());
    if (finishing) {
      rpc::Reply reply;
      if (status.ok()) reply.message = std::string(rpc::Bytes(message_).view());
      reply.status = std::move(status);
      finishing(std::move(reply));
    }
  }

  // What is being sent, then what is received.
  grpc::ByteBuffer message_;
  absl::AnyInvocable<void(absl::Status)> pushing_ ABSL_GUARDED_BY(mutex_);
  absl::AnyInvocable<void(rpc::Reply)> finishing_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> ended_;
};

RemoteClientStream::RemoteClientStream(grpc::GenericStub& stub,
                                       std::shared_ptr<Calls> calls,
                                       const std::string& path,
                                       const rpc::Incoming& incoming)
    : reactor_(
          std::make_shared<Reactor>(stub, std::move(calls), path, incoming)) {
  reactor_->Open(reactor_);
}

RemoteClientStream::~RemoteClientStream() { reactor_->Drop(); }

void RemoteClientStream::Pull(absl::AnyInvocable<void(Piece)> done) {
  done({.end = true, .status = WrongWay()});
}
void RemoteClientStream::Push(absl::string_view message,
                              absl::AnyInvocable<void(absl::Status)> done) {
  reactor_->Push(message, std::move(done));
}
void RemoteClientStream::Finish(absl::AnyInvocable<void(rpc::Reply)> done) {
  reactor_->Finish(std::move(done));
}
void RemoteClientStream::Cancel() { reactor_->Drop(); }

}  // namespace praxis::gateway
