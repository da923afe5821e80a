#include "gateway/stream/messages.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "gateway/call/request.h"
#include "gateway/stream/rendering.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// Between two signs of life. Proxies are content with one a minute.
constexpr absl::Duration kSignOfLifeEvery = absl::Seconds(15);

// Streams that began together, when a server stopped, do not end together.
absl::Duration About(absl::Duration age) {
  return age * absl::Uniform(absl::BitGen(), 0.9, 1.0);
}

}  // namespace

Messages::Messages(std::shared_ptr<Exchange> exchange,
                   const Operation& operation, const CallContext& context,
                   RouteMatch match)
    : PulledCall(std::move(exchange), operation, context),
      match_(std::move(match)),
      streams_(context.streams) {}

Messages::~Messages() {
  if (streams_ != nullptr) streams_->Remove(handle_.get());
}

void Messages::Run() {
  absl::StatusOr<RenderingKind> kind = RenderingFor(head()[Header::kAccept]);
  if (!kind.ok()) return Fail(kind.status());
  absl::Status status = CheckJsonBody(operation().route, head());
  if (!status.ok()) return Fail(std::move(status));
  auto invoke = [self = Self(), kind = *kind](absl::string_view body) {
    const Operation& operation = self->operation();
    self->Invoke(BuildRequest(operation, self->match_, self->head(), body),
                 std::make_unique<Rendering>(kind, operation, &self->mask()));
  };
  if (!head().has_body()) return invoke("");
  Watch(absl::InfiniteFuture());
  exchange().ReadBody(kJsonBytesMax, std::move(invoke));
}

void Messages::Invoke(absl::StatusOr<std::string> wire,
                      std::unique_ptr<StreamBody> body) {
  body_ = std::move(body);
  // What has no numbers, such as a file, cannot be asked for from where it
  // ended: it has its time.
  const bool resumes = operation().event_number != nullptr;
  if (resumes) age_end_ = absl::Now() + About(context().stream_age);
  pulling_ = true;
  Open(std::move(wire));
  if (ended()) return;
  WatchNext();
  if (!resumes) return;
  handle_->call = Self();
  if (streams_ != nullptr) streams_->Add(handle_);
}

void Messages::Handle::End() {
  const std::shared_ptr<Messages> self = call.lock();
  if (self == nullptr) return;
  Exchange& exchange = self->exchange();
  exchange.Dispatch([self] {
    self->Stop(RetryAfter(Error(Reason::BACKEND_UNAVAILABLE,
                                "The server stops; ask again, of another."),
                          absl::Seconds(1)));
  });
}

void Messages::OnPiece() {
  pulling_ = false;
  has_piece_ = true;
  if (!writing_) Continue();
}

// Nothing is being written: what comes next?
void Messages::Continue() {
  if (ended()) return;
  if (end_.has_value()) return Finish();
  if (has_piece_) return Take();
  if (!std::exchange(pulling_, true)) Pull();
}

// A message, or the end with its status.
void Messages::Take() {
  has_piece_ = false;
  if (piece().end) return Stop(std::move(piece().status));
  std::string text;
  absl::Status status = body_->AppendMessage(piece().message, &text);
  if (!status.ok()) return Stop(std::move(status));
  Write(std::move(text));
}

// It ends, as soon as the client has taken what is on its way.
void Messages::Stop(absl::Status status) {
  if (ended() || end_.has_value()) return;
  Close();
  end_ = std::move(status);
  if (!writing_) Finish();
}

void Messages::Finish() {
  const absl::Status status = *end_;
  if (!started() && !status.ok()) return Fail(status);
  if (!std::exchange(end_written_, true)) {
    std::string text;
    status.ok() ? body_->AppendEnd(&text) : body_->AppendError(status, &text);
    return Write(std::move(text));
  }
  if (status.ok() || body_->errors_are_plain()) return Ended(status);
  Break(status);
}

// The head goes out with the first of the body.
void Messages::Write(std::string text) {
  if (!started()) {
    Response response;
    response.content_type = body_->media_type();
    // The second is how proxies in front are told not to collect it.
    response.fields = "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n";
    Start(std::move(response), std::nullopt);
    if (head().method == "HEAD") {
      Close();
      return Ended();
    }
    text.insert(0, body_->Begin());
  }
  writing_ = true;
  const size_t size = text.size();
  exchange().Write({.piece = std::move(text), .begin = 0, .size = size},
                   [self = Self()] {
                     self->writing_ = false;
                     self->Continue();
                   });
}

void Messages::WatchNext() {
  Watch(std::min({deadline(), age_end_, absl::Now() + kSignOfLifeEvery}));
}

void Messages::OnDeadline() {
  if (ended()) return;
  const absl::Time now = absl::Now();
  if (now >= deadline()) {
    Stop(
        Error(Reason::DEADLINE_EXCEEDED, "The call took longer than allowed."));
  } else if (now >= age_end_) {
    Stop(absl::OkStatus());
  } else if (!writing_ && !body_->sign_of_life().empty()) {
    Write(std::string(body_->sign_of_life()));
  }
  // Whoever does not take the end is looked after by the connection.
  if (!ended() && !end_.has_value()) WatchNext();
}

}  // namespace praxis::gateway
