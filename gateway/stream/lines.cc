#include "gateway/stream/lines.h"

#include <string>
#include <utility>

#include "gateway/call/request.h"
#include "gateway/transcode/json_writer.h"

namespace praxis::gateway {

void Lines::Run() {
  absl::Status status = CheckJsonBody(operation().route, head());
  if (!status.ok()) return Fail(std::move(status));
  if (!head().has_body()) return Invoke("");
  Watch(absl::InfiniteFuture());
  exchange().ReadBody(kJsonBytesMax, [self = Self()](absl::string_view body) {
    self->Invoke(body);
  });
}

void Lines::Invoke(absl::string_view body) {
  absl::StatusOr<std::string> wire =
      BuildRequest(operation(), match_, head(), body);
  if (!wire.ok()) return Fail(wire.status());
  absl::StatusOr<rpc::Incoming> incoming =
      MakeIncoming(absl::InfiniteDuration());
  if (!incoming.ok()) return Fail(incoming.status());
  const absl::Time deadline = incoming->deadline;
  stream_ = operation().endpoint->ServerStream(*std::move(incoming),
                                               *std::move(wire));
  Watch(deadline);
  Pull();
}

void Lines::Pull() {
  stream_->Pull([self = Self()](rpc::StreamCall::Piece piece) {
    self->piece_ = std::move(piece);
    Exchange& exchange = self->exchange();
    exchange.Dispatch([self] { self->OnPiece(); });
  });
}

// A message, or the end with its status.
void Lines::OnPiece() {
  if (ended()) return;
  std::string line;
  if (!piece_.end) {
    piece_.status =
        WriteJson(*operation().route.response, piece_.message, &line);
  }
  if (!piece_.status.ok()) {
    stream_ = nullptr;
    return started() ? Break(piece_.status) : Fail(std::move(piece_.status));
  }
  if (!started()) Begin();
  if (piece_.end || head().method == "HEAD") {
    stream_ = nullptr;
    return Ended();
  }
  line.push_back('\n');
  const size_t size = line.size();
  exchange().Write({.piece = std::move(line), .begin = 0, .size = size},
                   [self = Self()] {
                     if (!self->ended()) self->Pull();
                   });
}

// Only once there is a message: a stream that fails at once is an ordinary
// error.
void Lines::Begin() {
  Response response;
  response.content_type = "application/x-ndjson";
  response.fields = "Cache-Control: no-store\r\n";
  Start(std::move(response), std::nullopt);
}

}  // namespace praxis::gateway
