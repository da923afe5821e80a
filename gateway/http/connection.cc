#include "gateway/http/connection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "services/common/rpc/id.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// How much of a head is read at a time.
constexpr size_t kHeadStep = 4096;
// How long a client has to read the last answer before the connection closes.
// Closing at once would throw away what it has not read yet, if it is still
// sending (RFC 9112, 9.6).
constexpr std::chrono::seconds kLingerTime{2};
// How long a server that stops waits for requests that are on their way.
constexpr std::chrono::milliseconds kClosingTime{500};
constexpr size_t kRequestIdMax = 128;

// Fit for a log line, a header and a file name.
bool IsRequestId(absl::string_view id) {
  return !id.empty() && id.size() <= kRequestIdMax &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' ||
                  c == ':' || c == '/' || c == '+' || c == '=';
         });
}

}  // namespace

Connection::Connection(ClientSocket::Socket socket, std::string address,
                       std::shared_ptr<Loop> loop,
                       std::shared_ptr<Shared> shared)
    : address_(std::move(address)),
      from_proxy_(shared->proxies.Include(address_)),
      loop_(std::move(loop)),
      shared_(std::move(shared)),
      socket_(std::move(socket), *loop_,
              Patience(shared_->limits.stall_time,
                       shared_->limits.bytes_per_second_min),
              shared_->tls),
      head_reader_(shared_->limits.head) {}

void Connection::Open() {
  loop_->Add(shared_from_this());
  late_ = loop_->now() + absl::ToChronoNanoseconds(shared_->limits.head_time);
  Next();
}

// Takes one request after another out of what has been read, as long as they
// are answered at once. Whoever answers later comes back here.
void Connection::Next() {
  if (in_next_) return;
  in_next_ = true;
  while (state_ == State::kReading) {
    const absl::string_view unread = in_.unread();
    absl::StatusOr<size_t> head_bytes = head_reader_.Read(unread, &head_);
    if (!head_bytes.ok()) {
      Refuse(head_bytes.status());
    } else if (*head_bytes > 0) {
      BeginRequest(*head_bytes);
    } else {
      // Old clients send an empty line behind a body: it begins no request.
      if (!absl::StartsWith("\r\n", unread) && !head_begun_) {
        head_begun_ = true;
        late_ =
            loop_->now() + absl::ToChronoNanoseconds(shared_->limits.head_time);
      }
      if (shared_->closing) CloseIfIdle();
      ReadMore();
      break;
    }
  }
  in_next_ = false;
}

// in_ is not read into again before the answer is complete: the head's views
// point there.
void Connection::BeginRequest(size_t head_bytes) {
  in_.Consume(head_bytes);
  state_ = State::kHandling;
  head_begun_ = false;
  late_ = Loop::Time::max();
  framing_ = BodyFraming(head_);
  continue_sent_ = !head_.expects_continue;
  answer_begun_ = false;
  close_after_ = !head_.keep_alive;
  socket_.reads().Reset();
  socket_.writes().Reset();
  if (from_proxy_) {
    client_ = shared_->proxies.ClientOf(address_, head_.forwarded_for());
  }
  const absl::string_view id = head_[Header::kXRequestId];
  if (IsRequestId(id)) {
    request_id_.assign(id.data(), id.size());
  } else {
    request_id_ = rpc::NewId(absl::Now());
  }
  if (framing_.done()) BeginWaiting();
  shared_->handler.Handle(shared_from_this());
}

// Reads for whatever is wanted now: a head, a piece of a body, or nothing but
// the client's end.
void Connection::ReadMore() {
  if (socket_.reading()) return;  // its end comes back here
  Buffer& buffer = state_ == State::kHandling ? body_in_ : in_;
  if (buffer.unread().empty() || buffer.space_size() == 0) {
    buffer.Prepare(kHeadStep);
  }
  socket_.Read(&buffer, [self = shared_from_this()](size_t bytes) {
    self->OnInput(bytes);
  });
}

void Connection::OnInput(size_t bytes) {
  if (bytes == 0) return Drop();
  switch (state_) {
    case State::kReading:
      return Next();
    case State::kHandling:
      // An answer may be under way before its request was whole.
      if (!answer_begun_) ContinueBody();
      return;
    case State::kLingering:
      in_.Consume(in_.unread().size());
      return ReadMore();
    case State::kClosed:
      return;
  }
}

// A client that leaves while its request is worked on shows it by the end of
// what it sends. A half-closed connection is taken for a closed one, as
// everyone does.
void Connection::AwaitGone() {
  if (state_ != State::kHandling || socket_.reading() || !framing_.done()) {
    return;
  }
  socket_.AwaitInput(
      [self = shared_from_this()](bool gone) { self->OnAwaited(gone); });
}

void Connection::OnAwaited(bool gone) {
  if (state_ == State::kClosed) return;
  if (gone) return Drop();
  // The answer was sent meanwhile, or the next request's body is wanted. A
  // client that only sent its next request early is not watched any longer.
  if (state_ != State::kHandling || body_done_ || piece_done_) ReadMore();
}

// Answers what cannot be read, and reads no further: where the next request
// would begin is not known.
void Connection::Refuse(const absl::Status& status, int http_status) {
  if (state_ == State::kReading) {
    head_ = RequestHead();  // what is there is of the request before
    request_id_ = rpc::NewId(absl::Now());
    state_ = State::kHandling;
    late_ = Loop::Time::max();
  }
  close_after_ = true;
  Respond(shared_->handler.Refuse(head_, request_id_, status, http_status));
}

void Connection::Watch(std::shared_ptr<Watcher> watcher, absl::Duration left) {
  watcher_ = std::move(watcher);
  call_late_ =
      left == absl::InfiniteDuration()
          ? Loop::Time::max()
          : std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(left);
  AwaitGone();
}

void Connection::Dispatch(absl::AnyInvocable<void()> work) {
  loop_->Dispatch(std::move(work));
}

bool Connection::IsLate(Loop::Time now) const {
  return now >= late_ || now >= call_late_ || now >= socket_.reads().late() ||
         now >= socket_.writes().late();
}

// Called by the loop when IsLate() says so. The order matters: who is slow
// within a head or body is told so, everyone else is cut off.
void Connection::OnLate(Loop::Time now) {
  if (now >= late_ && state_ == State::kReading && head_begun_) {
    return Refuse(Error(Reason::DEADLINE_EXCEEDED,
                        "The request's head took too long to come."),
                  408);
  }
  if (now >= late_) return Drop();
  if (now >= socket_.writes().late() && !socket_.HasTaken(now)) return Drop();
  if (now >= socket_.reads().late()) {
    socket_.reads().Reset();
    return FailBody(
        Error(Reason::DEADLINE_EXCEEDED, "The request's body came too slowly."),
        408);
  }
  if (now >= call_late_) {
    call_late_ = Loop::Time::max();
    // It may be let go of by the answer that it gives.
    const std::shared_ptr<Watcher> watcher = watcher_;
    watcher->OnDeadline();
  }
}

void Connection::CloseIfIdle() {
  if (state_ != State::kReading || head_begun_) return;
  late_ = std::min(late_, loop_->now() + kClosingTime);
}

// Says that nothing more will come and throws away what still does, until the
// client has closed or the time is over.
void Connection::Linger() {
  state_ = State::kLingering;
  DropBody();
  late_ = loop_->now() + kLingerTime;
  in_.Consume(in_.unread().size());
  socket_.ShutDown();
  ReadMore();
}

// The end, for whatever reason. May be called from within any callback.
void Connection::Drop() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  late_ = call_late_ = Loop::Time::max();
  socket_.Close();
  const std::shared_ptr<Connection> self = shared_from_this();
  loop_->Remove(self);
  shared_->closed(address_);
  EndWaiting();
  // Not body_: whoever is handed it may be further up on the stack.
  shared_->bodies_bytes -= std::exchange(body_counted_, 0);
  RemoveUnsent();
  // They may hold the call, which holds this.
  body_done_ = nullptr;
  piece_done_ = nullptr;
  slice_done_ = nullptr;
  if (const auto watcher = std::move(watcher_)) watcher->OnGone();
}

}  // namespace praxis::gateway
