#include <boost/asio/post.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/http/client_socket.h"

namespace praxis::gateway {
namespace {

using Wait = TlsSession::Wait;

// What fits into one record (RFC 8446, 5.1). A head and its body mostly do.
constexpr size_t kRecordMax = 16 * 1024;

constexpr TlsSession::Step kClosed = {.wait = Wait::kEnd};

bool IsNotYet(const TlsSession::Step& step) {
  return step.bytes == 0 && step.wait != Wait::kEnd;
}

}  // namespace

// Runs `step` when what a session waits for has come, with false when the
// socket was closed meanwhile. Never at once: its caller may be further up on
// the stack.
void ClientSocket::WhenReady(Wait wait,
                             absl::AnyInvocable<void(bool open)> step) {
  auto ready = [this, step = std::move(step)](
                   const boost::system::error_code& error) mutable {
    step(!error && socket_.is_open());
  };
  if (wait == Wait::kNothing) {
    boost::asio::post(loop_.context(), [ready = std::move(ready)]() mutable {
      ready(boost::system::error_code());
    });
  } else {
    socket_.async_wait(
        wait == Wait::kOutput ? Socket::wait_write : Socket::wait_read,
        std::move(ready));
  }
}

Wait ClientSocket::FirstWait() const {
  return tls_->has_pending() ? Wait::kNothing : Wait::kInput;
}

void ClientSocket::ReadTls(Wait wait, Buffer* buffer, ReadDone done) {
  WhenReady(wait, [this, buffer, done = std::move(done)](bool open) mutable {
    const TlsSession::Step step =
        open ? tls_->Read(buffer->space(), buffer->space_size()) : kClosed;
    if (IsNotYet(step)) return ReadTls(step.wait, buffer, std::move(done));
    OnRead(buffer, step.bytes, std::move(done));
  });
}

// What wakes it may be no more than a part of a record.
void ClientSocket::AwaitTls(Wait wait, AwaitDone done) {
  WhenReady(wait, [this, done = std::move(done)](bool open) mutable {
    const TlsSession::Step step = open ? tls_->Peek() : kClosed;
    if (IsNotYet(step)) return AwaitTls(step.wait, std::move(done));
    reading_ = false;
    done(/*gone=*/step.wait == Wait::kEnd);
  });
}

// As much as goes at once, each record with one system call.
Wait ClientSocket::WriteRecords() {
  while (!record_.empty() || has_unwritten()) {
    if (record_.empty()) {
      for (const absl::string_view part : unwritten_) {
        absl::StrAppend(&record_, part.substr(0, kRecordMax - record_.size()));
      }
      TakeWritten(record_.size());
    }
    const TlsSession::Step step = tls_->Write(record_);
    if (step.bytes == 0) return step.wait;
    records_bytes_ += step.bytes;
    record_.clear();
  }
  record_ = std::string();  // connections that idle hold nothing
  return Wait::kNothing;
}

void ClientSocket::WriteRestTls(Wait wait) {
  AwaitRoom();
  records_bytes_ = 0;
  WhenReady(wait, [this, done = std::move(written_)](bool open) mutable {
    const Wait next = open ? WriteRecords() : Wait::kEnd;
    CountWritten(records_bytes_);
    if (next == Wait::kEnd) return done(false);
    if (next == Wait::kNothing) return done(true);
    written_ = std::move(done);
    WriteRestTls(next);
  });
}

}  // namespace praxis::gateway
