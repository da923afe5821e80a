#include "gateway/call/unary_call.h"

#include <utility>

#include "gateway/call/request.h"

namespace praxis::gateway {

void UnaryCall::Run() {
  absl::Status status = CheckJsonBody(operation().route, head());
  if (!status.ok()) return Fail(std::move(status));
  if (!head().has_body()) return Invoke("");
  // The body's own pace is looked after by the server; the call's time begins
  // when it is there.
  Watch(absl::InfiniteFuture());
  exchange().ReadBody(kJsonBytesMax, [self = Self()](absl::string_view body) {
    self->Invoke(body);
  });
}

// The deadline counts from here. For a read in this process OnReply has run
// when Unary returns, and there is nothing to watch.
void UnaryCall::Invoke(absl::string_view body) {
  absl::StatusOr<std::string> wire =
      BuildRequest(operation(), match_, head(), body);
  if (!wire.ok()) return Fail(wire.status());
  wire_ = *std::move(wire);
  absl::StatusOr<rpc::Incoming> incoming = MakeIncoming(context().timeout);
  if (!incoming.ok()) return Fail(incoming.status());
  const absl::Time deadline = incoming->deadline;
  running_ = operation().endpoint->Unary(
      *std::move(incoming), wire_, [self = Self()](rpc::Reply reply) {
        self->reply_ = std::move(reply);
        Exchange& exchange = self->exchange();
        exchange.Dispatch([self] { self->OnReply(); });
      });
  if (!ended()) Watch(deadline);
}

// Comes too late when the client has left or has been told that its time is
// over.
void UnaryCall::OnReply() {
  running_ = nullptr;
  if (ended()) return;
  RespondWith(reply_);
}

void UnaryCall::CancelUpstream() {
  if (const auto running = std::move(running_)) running->Cancel();
}

}  // namespace praxis::gateway
