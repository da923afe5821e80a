#include "gateway/upstream/remote/remote_client_stream.h"

#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gateway/upstream/remote/attempts.h"
#include "gateway/upstream/remote/stream_reactor.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

class ClientReactor : public StreamReactor {
 public:
  using StreamReactor::StreamReactor;

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
      if (status.ok()) reply.message = rpc::StringOf(message_);
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

}  // namespace

// The call behind a client stream: opened by the first operation, once, for
// what was pushed is not kept.
class RemoteClientStream::Call : public Attempts {
 public:
  Call(Backend& backend, std::string path, rpc::Incoming incoming)
      : Attempts(backend, std::move(incoming)), path_(std::move(path)) {}

  // `first` is run with the open stream, or told why there is none.
  using First = absl::AnyInvocable<void(absl::Status, ClientReactor*)>;
  void With(First first) {
    if (const auto reactor = Reactor()) {
      return first(absl::OkStatus(), reactor.get());
    }
    first_ = std::move(first);
    absl::Status passed = backend().Pass(absl::Now());
    passed.ok() ? Try() : GiveUp(std::move(passed));
  }

  void Drop() {
    Stop();
    if (const auto reactor = Reactor()) reactor->Drop();
  }

 private:
  void Start() override {
    auto reactor =
        std::make_shared<ClientReactor>(backend(), path_, incoming());
    {
      absl::MutexLock lock(&mutex_);
      reactor_ = reactor;
    }
    if (stopped()) reactor->Drop();
    reactor->Begin(reactor);
    auto first = std::move(first_);
    first(absl::OkStatus(), reactor.get());
  }

  void GiveUp(absl::Status status) override {
    auto first = std::move(first_);
    first(std::move(status), nullptr);
  }

  std::shared_ptr<ClientReactor> Reactor() {
    absl::MutexLock lock(&mutex_);
    return reactor_;
  }

  const std::string path_;
  // Used by one operation at a time.
  First first_;
  absl::Mutex mutex_;
  std::shared_ptr<ClientReactor> reactor_ ABSL_GUARDED_BY(mutex_);
};

RemoteClientStream::RemoteClientStream(Backend& backend,
                                       const std::string& path,
                                       rpc::Incoming incoming)
    : call_(std::make_shared<Call>(backend, path, std::move(incoming))) {}

RemoteClientStream::~RemoteClientStream() { call_->Drop(); }

void RemoteClientStream::Pull(absl::AnyInvocable<void(Piece)> done) {
  done({.end = true, .status = WrongWay()});
}
void RemoteClientStream::Push(absl::string_view message,
                              absl::AnyInvocable<void(absl::Status)> done) {
  call_->With([message, done = std::move(done)](
                  absl::Status status, ClientReactor* reactor) mutable {
    if (reactor == nullptr) return done(std::move(status));
    reactor->Push(message, std::move(done));
  });
}
void RemoteClientStream::Finish(absl::AnyInvocable<void(rpc::Reply)> done) {
  call_->With([done = std::move(done)](absl::Status status,
                                       ClientReactor* reactor) mutable {
    if (reactor == nullptr) return done({std::move(status), ""});
    reactor->Finish(std::move(done));
  });
}
void RemoteClientStream::Cancel() { call_->Drop(); }

}  // namespace praxis::gateway
