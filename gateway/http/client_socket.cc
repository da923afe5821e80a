#include "gateway/http/client_socket.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <utility>

namespace praxis::gateway {
namespace {

using boost::system::error_code;

std::array<boost::asio::const_buffer, 2> Buffers(
    const std::array<absl::string_view, 2>& parts) {
  return {boost::asio::buffer(parts[0].data(), parts[0].size()),
          boost::asio::buffer(parts[1].data(), parts[1].size())};
}

}  // namespace

Patience::Patience(absl::Duration most, int bytes_per_second_min)
    : most_(absl::ToChronoNanoseconds(most)),
      seconds_per_byte_(1.0 / bytes_per_second_min),
      left_(most_) {}

void Patience::Wait(Loop::Time now) {
  since_ = now;
  late_ = now + left_;
}

// What is left grows by the time that these bytes may take at the least rate.
void Patience::Moved(size_t bytes, Loop::Time now) {
  if (late_ == Loop::Time::max()) return;
  const std::chrono::duration<double> earned(bytes * seconds_per_byte_);
  left_ = std::min(
      most_,
      late_ - now + std::chrono::duration_cast<Loop::Time::duration>(earned));
  late_ = Loop::Time::max();
}

void Patience::Reset() {
  left_ = most_;
  late_ = Loop::Time::max();
}

ClientSocket::ClientSocket(Socket socket, Loop& loop, Patience patience,
                           const TlsIdentity* tls)
    : socket_(std::move(socket)),
      loop_(loop),
      reads_(patience),
      writes_(patience),
      tls_(tls == nullptr ? nullptr : tls->Accept(socket_.native_handle())) {
  error_code ignored;  // then it is slower, or fails when it is used
  socket_.non_blocking(true, ignored);
  // Answers are written whole: waiting for more to send would only delay them.
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

void ClientSocket::Read(Buffer* buffer, absl::AnyInvocable<void(size_t)> done) {
  reading_ = true;
  if (tls_ != nullptr) return ReadTls(FirstWait(), buffer, std::move(done));
  socket_.async_read_some(
      boost::asio::buffer(buffer->space(), buffer->space_size()),
      [this, buffer, done = std::move(done)](const error_code& error,
                                             size_t n) mutable {
        OnRead(buffer, error ? 0 : n, std::move(done));
      });
}

void ClientSocket::OnRead(Buffer* buffer, size_t bytes, ReadDone done) {
  reading_ = false;
  buffer->Commit(bytes);
  reads_.Moved(bytes, loop_.now());
  done(bytes);
}

void ClientSocket::AwaitInput(absl::AnyInvocable<void(bool)> done) {
  reading_ = true;
  if (tls_ != nullptr) return AwaitTls(FirstWait(), std::move(done));
  socket_.async_wait(Socket::wait_read, [this, done = std::move(done)](
                                            const error_code& error) mutable {
    reading_ = false;
    if (error || !socket_.is_open()) return done(true);
    char byte;
    const ssize_t n =
        recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    done(n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR));
  });
}

void ClientSocket::TakeWritten(size_t bytes) {
  for (absl::string_view& part : unwritten_) {
    const size_t n = std::min(bytes, part.size());
    part.remove_prefix(n);
    bytes -= n;
  }
}

// Most answers fit into the socket's buffer: one system call and no turn of the
// event queue.
ClientSocket::Written ClientSocket::Write(absl::string_view first,
                                          absl::string_view second,
                                          absl::AnyInvocable<void(bool)> done) {
  // TLS writes to a number, which may be another's file by now.
  if (!is_open()) return Written::kNever;
  unwritten_ = {first, second};
  taken_ = 0;  // the first try fills whatever room there is, uncounted
  if (tls_ != nullptr) {
    const TlsSession::Wait wait = WriteRecords();
    if (wait == TlsSession::Wait::kNothing) return Written::kAll;
    if (wait == TlsSession::Wait::kEnd) return Written::kNever;
    written_ = std::move(done);
    WriteRestTls(wait);
    return Written::kLater;
  }
  error_code error;
  const size_t n = socket_.write_some(Buffers(unwritten_), error);
  if (error && error != boost::asio::error::would_block) return Written::kNever;
  TakeWritten(error ? 0 : n);
  if (!has_unwritten()) return Written::kAll;
  written_ = std::move(done);
  WriteRest();
  return Written::kLater;
}

// A part at a time, so that a client that takes some is told from one that
// takes nothing.
void ClientSocket::WriteRest() {
  AwaitRoom();
  socket_.async_write_some(
      Buffers(unwritten_),
      // Holds `done`, and with it the owner, while it is under way.
      [this, done = std::move(written_)](const error_code& error,
                                         size_t n) mutable {
        CountWritten(n);
        TakeWritten(n);
        if (error) return done(false);
        if (!has_unwritten()) return done(true);
        written_ = std::move(done);
        WriteRest();
      });
}

void ClientSocket::AwaitRoom() {
  writes_.Wait(loop_.now());
  queued_ = QueuedBytes();
}

void ClientSocket::CountWritten(size_t bytes) {
  const size_t counted = std::min(bytes, taken_);
  taken_ -= counted;
  writes_.Moved(bytes - counted, loop_.now());
}

bool ClientSocket::HasTaken(Loop::Time now) {
  if (!is_open()) return false;
  const size_t queued = QueuedBytes();
  if (queued >= queued_) return false;
  const size_t taken = queued_ - queued;
  queued_ = queued;
  taken_ += taken;
  writes_.Moved(taken, now);
  writes_.Wait(now);
  return now < writes_.late();
}

size_t ClientSocket::QueuedBytes() {
  int bytes = 0;
  ioctl(socket_.native_handle(), SIOCOUTQ, &bytes);
  return bytes;
}

bool ClientSocket::WriteBestEffort(absl::string_view bytes) {
  if (tls_ != nullptr) {
    unwritten_ = {bytes, absl::string_view()};
    WriteRecords();
    unwritten_ = {};
    return true;
  }
  error_code ignored;
  const size_t written = socket_.write_some(
      boost::asio::buffer(bytes.data(), bytes.size()), ignored);
  return written == 0 || written == bytes.size();
}

void ClientSocket::ShutDown() {
  if (tls_ != nullptr) tls_->ShutDown();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void ClientSocket::Close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace praxis::gateway
