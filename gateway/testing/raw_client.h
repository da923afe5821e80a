// RawClient: a TCP client that sends exactly the bytes it is told to.
#ifndef GATEWAY_TESTING_RAW_CLIENT_H_
#define GATEWAY_TESTING_RAW_CLIENT_H_

#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace praxis::testing {

// An answer as it came.
struct RawAnswer {
  // 0: the connection ended before the head was whole.
  int status = 0;
  // Names in lower case; values of a name that came twice are joined by ", ".
  std::map<std::string, std::string> fields;
  // Without its framing.
  std::string body;
  // The body has the length that was announced, or its last chunk came.
  bool complete = false;
  // Everything, for tests that look at single bytes.
  std::string head;

  std::string operator[](const std::string& name) const {
    const auto field = fields.find(name);
    return field == fields.end() ? "" : field->second;
  }
};

// One connection to a port of this machine. Waits at most 20 s for anything.
class RawClient {
 public:
  explicit RawClient(int port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False once the other side has gone.
  bool Send(absl::string_view bytes);
  // The next answer; to a HEAD request it has no body.
  RawAnswer Receive(bool to_head = false);
  // Sends and receives.
  RawAnswer Ask(absl::string_view bytes);

  // Up to `size` bytes as they are; empty at the end.
  std::string ReadSome(size_t size);
  // Whether the server has closed, with nothing more said.
  bool AtEnd();
  // Whether bytes have come that were not taken yet. Does not wait.
  bool HasInput();

  // No more will be sent.
  void ShutDown();
  // Ends the connection: gracefully, or by a reset.
  void Close();
  void Reset();

 private:
  // Reads on; false at the end.
  bool Fill();
  std::optional<std::string> TakeUntil(absl::string_view mark);
  bool TakeBody(size_t size, std::string* body);
  bool TakeChunks(std::string* body);

  int fd_;
  std::string unread_;
};

// One request on a connection of its own. `fields` are whole lines, each with
// its CRLF; Host and, for a body, Content-Length are added.
RawAnswer Fetch(int port, absl::string_view method, absl::string_view target,
                absl::string_view fields = "", absl::string_view body = "");

}  // namespace praxis::testing

#endif  // GATEWAY_TESTING_RAW_CLIENT_H_
