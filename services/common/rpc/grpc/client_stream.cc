#include "services/common/rpc/grpc/client_stream.h"

#include <utility>

#include "services/common/rpc/grpc/metadata.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace {

absl::Status BrokenOff() {
  return Error(errors::v1::CANCELLED, "The caller broke off.");
}

}  // namespace

ClientStreamReactor* ClientStreamReactor::Open(
    Pipeline& pipeline, const Handler& handler,
    const grpc::CallbackServerContext& context, grpc::ByteBuffer* response,
    OpenStreams& streams) {
  std::shared_ptr<ClientStreamReactor> reactor(new ClientStreamReactor(
      pipeline.ClientStream(handler, IncomingOf(context)), context, response,
      streams));
  reactor->self_ = reactor;
  reactor->StartRead(&reactor->buffer_);
  streams.Add(reactor);
  return reactor.get();
}

bool ClientStreamReactor::BeginWork() {
  absl::MutexLock lock(&mutex_);
  if (state_ == State::kFinished) return false;
  state_ = State::kWorking;
  return true;
}

void ClientStreamReactor::OnReadDone(bool ok) {
  if (!BeginWork()) return;
  if (ok) {
    bytes_ = Bytes(buffer_);
    buffer_.Clear();
    call_->Push(bytes_.view(),
                [this](const absl::Status& status) { Pushed(status); });
  } else if (context_.IsCancelled()) {
    FinishWith(BrokenOff());
  } else {
    StartSendInitialMetadata();
  }
}

void ClientStreamReactor::OnSendInitialMetadataDone(bool ok) {
  if (!ok || context_.IsCancelled()) return FinishWith(BrokenOff());
  call_->Finish([this](Reply reply) { Replied(std::move(reply)); });
}

void ClientStreamReactor::Pushed(const absl::Status& status) {
  bytes_ = Bytes();
  if (!status.ok()) return FinishWith(status);
  {
    absl::MutexLock lock(&mutex_);
    if (!server_stops_) {
      // Within the lock: End must find a read that has begun.
      state_ = State::kReading;
      StartRead(&buffer_);
      return;
    }
  }
  FinishWith(ServerStops());
}

void ClientStreamReactor::Replied(Reply reply) {
  if (reply.status.ok()) {
    grpc::ByteBuffer buffer = BufferOf(std::move(reply.message));
    response_->Swap(&buffer);
  }
  FinishWith(reply.status);
}

void ClientStreamReactor::FinishWith(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kFinished;
  }
  Finish(ToGrpcStatus(status));
}

void ClientStreamReactor::OnCancel() { call_->Cancel(); }

void ClientStreamReactor::End() {
  {
    absl::MutexLock lock(&mutex_);
    server_stops_ = true;
    // Work under way is let through: a commit that has begun is answered, and
    // Pushed looks at what was set here.
    if (state_ != State::kReading) return;
    state_ = State::kFinished;
  }
  call_->Cancel();
  Finish(ToGrpcStatus(ServerStops()));
}

void ClientStreamReactor::OnDone() {
  streams_.Remove(this);
  // Whoever else holds this, in End, keeps it a moment longer.
  const std::shared_ptr<ClientStreamReactor> self = std::move(self_);
}

}  // namespace praxis::rpc
