#include "gateway/upstream/remote/remote_server_stream.h"

#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gateway/upstream/remote/attempts.h"
#include "gateway/upstream/remote/stream_reactor.h"
#include "services/common/rpc/grpc/bytes.h"

namespace praxis::gateway {
namespace {

using Piece = rpc::StreamCall::Piece;

class ServerReactor : public StreamReactor {
 public:
  ServerReactor(Backend& backend, const std::string& path,
                const rpc::Incoming& incoming, const std::string& request)
      : StreamReactor(backend, path, incoming),
        request_(rpc::BufferOf(request)) {}

  void Open(std::shared_ptr<ServerReactor> self) {
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
    piece.message = rpc::StringOf(message_);
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

}  // namespace

// The call behind a server stream: opened by the first pull, and opened anew
// when it fails before its first message, of which nothing is known outside.
class RemoteServerStream::Call : public Attempts {
 public:
  Call(Backend& backend, std::string path, rpc::Incoming incoming,
       std::string request, bool repeatable)
      : Attempts(backend, std::move(incoming)),
        path_(std::move(path)),
        request_(std::move(request)),
        repeatable_(repeatable) {}

  void Pull(absl::AnyInvocable<void(Piece)> done) {
    if (begins_) return Reactor()->Pull(std::move(done));
    first_ = std::move(done);
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
        std::make_shared<ServerReactor>(backend(), path_, incoming(), request_);
    {
      absl::MutexLock lock(&mutex_);
      reactor_ = reactor;
    }
    if (stopped()) reactor->Drop();
    reactor->Open(reactor);
    reactor->Pull([self = Self(), &reactor = *reactor](Piece piece) {
      self->OnFirst(reactor, std::move(piece));
    });
  }

  void OnFirst(ServerReactor& reactor, Piece piece) {
    if (!piece.end) backend().Answered();
    if (piece.end && repeatable_ && TryAgain(piece.status, reactor.context())) {
      return;
    }
    begins_ = true;
    auto done = std::move(first_);
    done(std::move(piece));
  }

  void GiveUp(absl::Status status) override {
    auto done = std::move(first_);
    done({.end = true, .status = std::move(status)});
  }

  std::shared_ptr<Call> Self() {
    return std::static_pointer_cast<Call>(shared_from_this());
  }
  std::shared_ptr<ServerReactor> Reactor() {
    absl::MutexLock lock(&mutex_);
    return reactor_;
  }

  const std::string path_;
  const std::string request_;
  const bool repeatable_;
  // Used by one operation at a time.
  bool begins_ = false;
  absl::AnyInvocable<void(Piece)> first_;
  absl::Mutex mutex_;
  std::shared_ptr<ServerReactor> reactor_ ABSL_GUARDED_BY(mutex_);
};

RemoteServerStream::RemoteServerStream(Backend& backend,
                                       const std::string& path,
                                       rpc::Incoming incoming,
                                       std::string request, bool repeatable)
    : call_(std::make_shared<Call>(backend, path, std::move(incoming),
                                   std::move(request), repeatable)) {}

RemoteServerStream::~RemoteServerStream() { call_->Drop(); }

void RemoteServerStream::Pull(absl::AnyInvocable<void(Piece)> done) {
  call_->Pull(std::move(done));
}
void RemoteServerStream::Push(absl::string_view,
                              absl::AnyInvocable<void(absl::Status)> done) {
  done(WrongWay());
}
void RemoteServerStream::Finish(absl::AnyInvocable<void(rpc::Reply)> done) {
  done({WrongWay(), ""});
}
void RemoteServerStream::Cancel() { call_->Drop(); }

}  // namespace praxis::gateway
