// A client's socket, and how long the client keeps us waiting at it.
#ifndef GATEWAY_HTTP_CLIENT_SOCKET_H_
#define GATEWAY_HTTP_CLIENT_SOCKET_H_

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/http/buffer.h"
#include "gateway/http/loop.h"
#include "gateway/http/tls.h"

namespace praxis::gateway {

// The time a client may still keep us waiting: a bucket that waiting empties
// and bytes that move fill again, at a least rate.
class Patience {
 public:
  Patience(absl::Duration most, int bytes_per_second_min);

  // Waiting begins; it may last until late().
  void Wait(Loop::Time now);
  // Bytes moved. The next wait begins with Wait().
  void Moved(size_t bytes, Loop::Time now);
  // Back to the full measure, for another message.
  void Reset();
  // Loop::Time::max() while nothing is waited for.
  Loop::Time late() const { return late_; }

 private:
  const Loop::Time::duration most_;
  const double seconds_per_byte_;
  Loop::Time::duration left_;
  Loop::Time since_;
  Loop::Time late_ = Loop::Time::max();
};

// Reads and writes without blocking, in the clear or by TLS: nobody above knows
// which. Whoever owns it keeps it alive by what the callbacks hold. For the
// loop's thread.
class ClientSocket {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  // `tls` is null for a connection in the clear.
  ClientSocket(Socket socket, Loop& loop, Patience patience,
               const TlsIdentity* tls);

  // At most one of Read and AwaitInput is under way at a time.

  // Puts what has come behind what is in `buffer`, which must have space.
  // `done` gets the number of bytes, 0 once the client will send no more.
  void Read(Buffer* buffer, absl::AnyInvocable<void(size_t)> done);
  // Calls `done(true)` when the client is gone, `done(false)` when it has sent
  // something, which stays unread.
  void AwaitInput(absl::AnyInvocable<void(bool gone)> done);
  bool reading() const { return reading_; }

  enum class Written { kAll, kLater, kNever };
  // Writes one behind the other, in one go where it can. kLater: `done` will
  // tell whether all went out, and the bytes must stay until then. kNever: the
  // client is gone.
  Written Write(absl::string_view first, absl::string_view second,
                absl::AnyInvocable<void(bool)> done);

  // Writes these few bytes if there is room for them now. False when only some
  // of them went out: nothing sensible can follow.
  bool WriteBestEffort(absl::string_view bytes);

  // No more will be written; the client may still send.
  void ShutDown();
  void Close();
  bool is_open() const { return socket_.is_open(); }

  // For a client that is late to take what is written. Whether it has taken
  // some of it nevertheless, which the event queue tells only once a third of
  // the kernel's buffer is free. Then writes() has the time that this earns.
  bool HasTaken(Loop::Time now);

  Patience& reads() { return reads_; }
  Patience& writes() { return writes_; }
  const Patience& reads() const { return reads_; }
  const Patience& writes() const { return writes_; }

 private:
  using ReadDone = absl::AnyInvocable<void(size_t)>;
  using AwaitDone = absl::AnyInvocable<void(bool)>;

  void OnRead(Buffer* buffer, size_t bytes, ReadDone done);
  void WriteRest();
  void AwaitRoom();
  void CountWritten(size_t bytes);
  // What of all that was written has not come to the client yet.
  size_t QueuedBytes();
  bool has_unwritten() const {
    return !unwritten_[0].empty() || !unwritten_[1].empty();
  }
  // Steps over what has been written, which may end within either part.
  void TakeWritten(size_t bytes);

  // client_socket_tls.cc: the same by TLS.
  void WhenReady(TlsSession::Wait wait,
                 absl::AnyInvocable<void(bool open)> step);
  TlsSession::Wait FirstWait() const;
  void ReadTls(TlsSession::Wait wait, Buffer* buffer, ReadDone done);
  void AwaitTls(TlsSession::Wait wait, AwaitDone done);
  TlsSession::Wait WriteRecords();
  void WriteRestTls(TlsSession::Wait wait);

  Socket socket_;
  Loop& loop_;
  Patience reads_;
  Patience writes_;
  bool reading_ = false;
  std::array<absl::string_view, 2> unwritten_;
  absl::AnyInvocable<void(bool)> written_;
  // In the kernel when the client was last waited for, and what of it has been
  // counted as moved since. What is written in its place counts no more.
  size_t queued_ = 0;
  size_t taken_ = 0;

  // Null in the clear.
  const std::unique_ptr<TlsSession> tls_;
  // What is being written as one record, and how much has been written since
  // the client was last waited for.
  std::string record_;
  size_t records_bytes_ = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_CLIENT_SOCKET_H_
