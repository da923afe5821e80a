// RawSocket: a TCP client that sends exactly the bytes it is told to.
#ifndef TESTS_SYSTEM_RAW_SOCKET_H_
#define TESTS_SYSTEM_RAW_SOCKET_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace praxis::system {

// One connection to a port of this machine, for what no client library would
// send. Waits at most 20 s for anything.
class RawSocket {
 public:
  explicit RawSocket(int port) : RawSocket(port, "127.0.0.1") {}
  // From another address of this machine, 127.x.x.x: another client.
  RawSocket(int port, const std::string& from);
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  // False once the other side has gone.
  bool Send(absl::string_view bytes);
  // The next answer with its body, which must have a Content-Length; empty when
  // the connection ends first.
  std::string ReadAnswer();
  // The next bytes, as many as have come; none once the connection has ended,
  // or when nothing comes.
  std::string ReadSome();
  // All that comes until the other side closes; none when it does not close.
  std::optional<std::string> ReadToEnd();
  // Takes no more than a few KiB before it is read from. Before anything is
  // sent.
  void ShrinkWindow();
  // No more will be sent.
  void ShutDown();
  // Ends the connection by a reset, as a client does that is gone.
  void Reset();

 private:
  // Reads on. False at the end, and when nothing comes.
  bool Fill();

  int fd_;
  bool ended_ = false;
  std::string unread_;
};

// The status of an answer as it came; 0 of what is none.
int StatusOf(absl::string_view answer);
// The body of an answer as it came.
absl::string_view BodyOf(absl::string_view answer);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_RAW_SOCKET_H_
