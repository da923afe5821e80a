#include "gateway/stream/pulled_call.h"

#include <algorithm>
#include <utility>

namespace praxis::gateway {

void PulledCall::Open(absl::StatusOr<std::string> wire) {
  if (!wire.ok()) return Fail(wire.status());
  absl::StatusOr<rpc::Incoming> incoming =
      MakeIncoming(absl::InfiniteDuration());
  if (!incoming.ok()) return Fail(incoming.status());
  // Not anew for a stream that takes another's place.
  incoming->deadline = std::min(incoming->deadline, deadline_);
  deadline_ = incoming->deadline;
  Close();
  stream_ = operation().endpoint->ServerStream(*std::move(incoming),
                                               *std::move(wire));
  Watch(deadline_);
  Pull();
}

// What is under way ends at once, and what comes of it is dropped.
void PulledCall::Close() {
  if (const auto stream = std::move(stream_)) stream->Cancel();
}

void PulledCall::Pull() {
  auto self = std::static_pointer_cast<PulledCall>(shared_from_this());
  stream_->Pull(
      [self = std::move(self), stream = stream_](rpc::StreamCall::Piece piece) {
        self->exchange().Dispatch(
            [self, stream, piece = std::move(piece)]() mutable {
              if (self->stream_ != stream) return;
              if (self->ended()) return self->Close();
              self->piece_ = std::move(piece);
              self->OnPiece();
            });
      });
}

}  // namespace praxis::gateway
