#include "gateway/call/unary_call.h"

#include <utility>

#include "gateway/call/request.h"

namespace praxis::gateway {

void UnaryCall::Run() {
  if (RespondFromCache()) return;
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

bool UnaryCall::RespondFromCache() {
  if (context().cache == nullptr) return false;
  shared_ = SharedRead::Of(*context().cache, operation(), match_, head());
  if (!shared_.has_value()) return false;
  std::optional<Response> kept = shared_->Find(head());
  if (!kept.has_value()) return false;
  Respond(*std::move(kept));
  return true;
}

void UnaryCall::Rendered(const Response& response) {
  if (shared_.has_value()) shared_->Keep(response, reply_.access_position);
}

void UnaryCall::Invoke(absl::string_view body) {
  Call(BuildRequest(operation(), match_, head(), body));
}

// The deadline counts from here. For a read in this process OnReply has run
// when Unary returns, and there is nothing to watch.
void UnaryCall::Call(absl::StatusOr<std::string> wire) {
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
  if (reply_.status.ok() && context().cache != nullptr &&
      operation().route.http_method != "GET") {
    context().cache->Changed(ScopeIn(operation(), match_));
  }
  if (ended()) return;
  RespondWith(reply_);
  // Neither need be held while the client takes the answer.
  reply_.message = {};
  wire_ = {};
}

void UnaryCall::CancelUpstream() {
  if (const auto running = std::move(running_)) running->Cancel();
}

}  // namespace praxis::gateway
