#include "gateway/upstream/remote/remote_call.h"

#include <utility>

#include "absl/time/clock.h"
#include "gateway/upstream/remote/stream_reactor.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/metadata.h"
#include "services/common/rpc/grpc/status.h"

namespace praxis::gateway {

namespace {

// What a write is refused with when it has already taken from the caller what
// it takes to call: who has left a community may not leave it (ADR 0014). To
// say so would tell that it was not done.
bool MayComeOfActing(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsNotFound(status) ||
         absl::IsUnauthenticated(status);
}

}  // namespace

RemoteCall::RemoteCall(Backend& backend,
                       std::shared_ptr<const RemoteMethod> method,
                       rpc::Incoming incoming, absl::string_view message,
                       absl::AnyInvocable<void(rpc::Reply)> done)
    : Attempts(backend, std::move(incoming)),
      method_(std::move(method)),
      message_(message),
      done_(std::move(done)),
      request_(rpc::BufferOf(std::string(message))) {}

void RemoteCall::Begin() {
  absl::Status entered = backend().Enter(begun());
  if (entered.ok()) return Try();
  std::exchange(done_, nullptr)({std::move(entered), ""});
}

void RemoteCall::Cancel() {
  Stop();
  absl::MutexLock lock(&mutex_);
  if (context_.has_value()) context_->TryCancel();
}

void RemoteCall::Start() {
  {
    absl::MutexLock lock(&mutex_);
    context_.emplace();
    SetContext(incoming(), &*context_);
    // Cancelled between the look and here: then it ends as soon as it begins.
    if (stopped()) context_->TryCancel();
  }
  backend().stub().UnaryCall(
      &*context_, method_->path, grpc::StubOptions(), &request_, &response_,
      [self = std::static_pointer_cast<RemoteCall>(shared_from_this())](
          const grpc::Status& status) { self->OnStatus(status); });
}

void RemoteCall::OnStatus(const grpc::Status& status) {
  const bool cancelled = stopped();
  backend().Note(status, cancelled, incoming().deadline,
                 incoming().deadline - tried());
  rpc::Reply reply;
  reply.status = rpc::FromGrpcStatus(status, cancelled);
  // Most that fails is not for a retry to mend, and then nothing is looked at.
  if (absl::IsUnavailable(reply.status) && method_->repeatable.Is(message_)) {
    if (!method_->repeatable.always()) unclear_ = reply.status;
    if (TryAgain(reply.status, *context_)) return;
  }
  if (!unclear_.ok() && MayComeOfActing(reply.status)) reply.status = unclear_;
  reply.message = rpc::StringOf(response_);
  reply.access_position =
      rpc::AccessPositionOf(context_->GetServerTrailingMetadata());
  End(std::move(reply));
}

void RemoteCall::GiveUp(absl::Status status) { End({std::move(status), ""}); }

// `done` may hold what holds the call.
void RemoteCall::End(rpc::Reply reply) {
  backend().Leave();
  std::exchange(done_, nullptr)(std::move(reply));
}

}  // namespace praxis::gateway
