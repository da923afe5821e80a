#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/http/connection.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {
namespace {

// How much of a body is read at a time. Whole ones are asked for of whoever
// comes, pieces of those whom a service has let in.
constexpr size_t kWholeStep = 16 * 1024;
constexpr size_t kPieceStep = 128 * 1024;
// What each whole body may hold however many there are.
constexpr int64_t kSmallBody = 16 * 1024;

absl::Status TooLarge(size_t bytes_max) {
  return Error(Reason::TOO_LARGE,
               absl::StrCat("The request's body may have at most ", bytes_max,
                            " bytes."));
}

}  // namespace

void Connection::BeginWaiting() {
  if (std::exchange(waiting_, true)) return;
  ++shared_->requests_waiting;
  if (shared_->waiting_shown != nullptr) shared_->waiting_shown->Add(1);
}

// The common body came with its head and is handed on where it lies.
void Connection::ReadBody(size_t bytes_max, BodyDone done) {
  if (head_.content_length.value_or(0) > bytes_max) {
    return FailBody(TooLarge(bytes_max));
  }
  if (framing_.done()) return done(absl::string_view());
  const absl::string_view here = in_.unread();
  if (!head_.chunked && here.size() >= *head_.content_length) {
    const absl::string_view body = here.substr(0, *head_.content_length);
    in_.Consume(body.size());
    framing_ = BodyFraming();
    BeginWaiting();
    return done(body);
  }
  body_.clear();
  body_max_ = bytes_max;
  body_done_ = std::move(done);
  ContinueBody();
}

void Connection::ReadSome(char* into, size_t size, ReadDone done) {
  piece_ = into;
  piece_size_ = size;
  piece_done_ = std::move(done);
  ContinueBody();
}

// Goes on with the body that is wanted, whole or a piece, with what there is.
void Connection::ContinueBody() {
  size_t taken = 0;
  const absl::Status status = body_done_ ? TakeWhole() : TakePiece(&taken);
  if (!status.ok()) {
    return FailBody(status, ReasonOf(status) == Reason::OVERLOADED ? 503 : 0);
  }
  if (!framing_.done() && taken == 0) return ReadBodyMore();
  if (framing_.done()) {
    BeginWaiting();
    AwaitGone();
  }
  if (body_done_) return std::exchange(body_done_, nullptr)(body_);
  std::exchange(piece_done_, nullptr)(taken);
}

// Everything that has come, into body_.
absl::Status Connection::TakeWhole() {
  Buffer& buffer = body_buffer();
  while (!framing_.done()) {
    ASSIGN_OR_RETURN(const BodyFraming::Step step,
                     framing_.Next(buffer.unread()));
    if (body_.size() + step.data.size() > body_max_) return TooLarge(body_max_);
    body_.append(step.data.data(), step.data.size());
    buffer.Consume(step.consumed);
    if (step.consumed == 0) break;
  }
  return CountBody();
}

// Clients that send slowly could have a gateway hold a body of each, for as
// long as their connections last.
absl::Status Connection::CountBody() {
  const int64_t held = std::max<int64_t>(0, int64_t(body_.size()) - kSmallBody);
  const int64_t more = held - std::exchange(body_counted_, held);
  if (more == 0 ||
      (shared_->bodies_bytes += more) <= shared_->limits.bodies_bytes_max) {
    return absl::OkStatus();
  }
  return RetryAfter(Error(Reason::OVERLOADED,
                          "Too many large bodies are under way; wait a moment "
                          "and try again."),
                    absl::Seconds(1));
}

void Connection::DropBody() {
  body_ = std::string();
  shared_->bodies_bytes -= std::exchange(body_counted_, 0);
}

// As much as has come and fits. Of a chunked body many small chunks make one
// piece: each piece costs a message to the service.
absl::Status Connection::TakePiece(size_t* taken) {
  Buffer& buffer = body_buffer();
  while (!framing_.done() && *taken < piece_size_) {
    ASSIGN_OR_RETURN(
        const BodyFraming::Step step,
        framing_.Next(buffer.unread().substr(0, piece_size_ - *taken)));
    *taken += step.data.copy(piece_ + *taken, step.data.size());
    buffer.Consume(step.consumed);
    if (step.consumed == 0) break;
  }
  return absl::OkStatus();
}

// The first time, what came behind the head moves to the body's own buffer, and
// a client that waits to be asked for its body is asked (RFC 9110, 10.1.1).
void Connection::ReadBodyMore() {
  if (!body_in_.has_memory()) {
    body_in_.Prepare(body_done_ ? kWholeStep : kPieceStep);
    in_.MoveTo(body_in_);
  }
  if (!continue_sent_) {
    continue_sent_ = true;
    if (body_in_.unread().empty() &&
        !socket_.WriteBestEffort("HTTP/1.1 100 Continue\r\n\r\n")) {
      return Drop();
    }
  }
  socket_.reads().Wait(loop_->now());
  ReadMore();
}

void Connection::FailBody(const absl::Status& status, int http_status) {
  body_done_ = nullptr;
  piece_done_ = nullptr;
  if (watcher_ == nullptr) return Refuse(status, http_status);
  close_after_ = true;
  // It is let go of by the answer that it gives.
  const std::shared_ptr<Watcher> watcher = watcher_;
  watcher->OnBadBody(status, http_status);
}

// A small body that nobody wanted need not cost the connection.
void Connection::SkipBody() {
  Buffer& buffer = body_buffer();
  while (!framing_.done()) {
    const absl::StatusOr<BodyFraming::Step> step =
        framing_.Next(buffer.unread());
    if (!step.ok() || step->consumed == 0) break;
    buffer.Consume(step->consumed);
  }
}

void Connection::ReleaseBody() {
  DropBody();
  if (!body_in_.has_memory()) return;
  // What follows the body is the next request.
  body_in_.MoveTo(in_);
  body_in_.Release();
}

}  // namespace praxis::gateway
