#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/http/connection.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

void Connection::AppendAnswerHead(const Response& response,
                                  std::optional<uint64_t> length) {
  EndWaiting();
  answer_begun_ = true;
  // Who is slow to take the answer is late by that alone.
  socket_.reads().Reset();
  SkipBody();
  // What is left of a body could not be told from the next request.
  if (!framing_.done() || shared_->draining) close_after_ = true;
  chunked_ = !length.has_value() && !head_.http_1_0;
  if (!length.has_value() && head_.http_1_0) close_after_ = true;
  out_.clear();
  AppendHead(response,
             {.date = loop_->date(),
              .request_id = request_id_,
              .length = length,
              .http_1_0 = head_.http_1_0,
              .keep_alive = !close_after_},
             &out_);
}

void Connection::EndWaiting() {
  if (!std::exchange(waiting_, false)) return;
  --shared_->requests_waiting;
  if (shared_->waiting_shown != nullptr) shared_->waiting_shown->Add(-1);
}

// Head and body go out in one write. A body that is not sent is let go of at
// once: the head may have to wait.
void Connection::Respond(Response response) {
  if (state_ != State::kHandling) return;
  AppendAnswerHead(response, response.content().size());
  answer_ = wants_body() ? std::move(response) : Response();
  Send(answer_.content(), &Connection::OnAnswered);
}

// The head waits in out_ for the first piece of the body, to go out with it.
void Connection::Start(const Response& response,
                       std::optional<uint64_t> length) {
  AppendAnswerHead(response, length);
  sized_ = length.has_value();
  left_to_write_ = length.value_or(0);
}

// The line end after a chunk goes out with it: some clients give out no chunk
// before they have that, and the next may be long in coming.
void Connection::Write(Slice slice, absl::AnyInvocable<void()> done) {
  slice_ = std::move(slice);
  slice_done_ = std::move(done);
  size_t size = slice_.size;
  if (chunked_ && size > 0) {
    absl::StrAppend(&out_, absl::Hex(size), "\r\n");
    slice_.piece.resize(slice_.begin + size);
    slice_.piece.append("\r\n");
    size += 2;
  }
  const absl::string_view data =
      absl::string_view(slice_.piece).substr(slice_.begin, size);
  if (sized_) {
    // More than was promised would be read as the next answer.
    if (data.size() > left_to_write_) return Drop();
    left_to_write_ -= data.size();
  }
  Send(data, &Connection::OnSliceSent);
}

void Connection::End() {
  // Fewer bytes than were promised: only the broken connection can say so.
  if (left_to_write_ != 0 && wants_body()) return Drop();
  if (chunked_ && wants_body()) {
    out_.append("0\r\n\r\n");
  }
  Send(absl::string_view(), &Connection::OnAnswered);
}

// Sends out_ and `body`, which both stay until `then`.
void Connection::Send(absl::string_view body, void (Connection::*then)()) {
  const auto written =
      socket_.Write(out_, body, [self = shared_from_this(), then](bool all) {
        if (self->state_ == State::kClosed) return;
        all ? (self.get()->*then)() : self->Drop();
      });
  switch (written) {
    case ClientSocket::Written::kAll:
      return (this->*then)();
    case ClientSocket::Written::kLater:
      // Also of a body that many answers share: it may be this one alone that
      // still holds it.
      return AddUnsent(out_.size() + body.size());
    case ClientSocket::Written::kNever:
      return Drop();
  }
}

// Else whoever asks for much and reads little would have a gateway hold it all.
// Those who read as they should are not the ones to go.
void Connection::AddUnsent(int64_t bytes) {
  if (bytes == 0) return;
  std::vector<Unsent::Victim> victims;
  unsent_ = shared_->unsent.Add(shared_from_this(), bytes, &victims);
  for (Unsent::Victim& victim : victims) {
    const std::shared_ptr<Loop> loop = victim.connection->loop_;
    loop->Post([victim = std::move(victim)] {
      if (victim.connection->unsent_ == victim.number) {
        victim.connection->Drop();
      }
    });
  }
}

void Connection::RemoveUnsent() {
  const int64_t number = std::exchange(unsent_, 0);
  if (number > 0) shared_->unsent.Remove(number);
}

void Connection::OnSliceSent() {
  RemoveUnsent();
  out_.clear();
  slice_ = Slice();
  // From the queue, so that a long body is no deep recursion.
  loop_->Post([self = shared_from_this()] {
    if (self->slice_done_) std::exchange(self->slice_done_, nullptr)();
  });
}

// The answer is out: to the next request, or to the end.
void Connection::OnAnswered() {
  watcher_ = nullptr;
  call_late_ = Loop::Time::max();
  answer_ = Response();
  RemoveUnsent();
  if (close_after_) return Linger();
  ReleaseBody();
  // What came behind a body may have taken more than a head ever needs.
  if (in_.unread().empty() && in_.capacity() > shared_->limits.head.bytes_max) {
    in_.Release();
  }
  state_ = State::kReading;
  late_ = loop_->now() + absl::ToChronoNanoseconds(shared_->limits.idle_time);
  Next();
}

}  // namespace praxis::gateway
