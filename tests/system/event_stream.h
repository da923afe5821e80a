// EventStream: a client of streams, as a browser's EventSource is one.
#ifndef TESTS_SYSTEM_EVENT_STREAM_H_
#define TESTS_SYSTEM_EVENT_STREAM_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/system/raw_socket.h"

namespace praxis::system {

// One server-sent event, as the HTML standard (9.2.6) reads it.
struct ServerEvent {
  // As of this event; kept from an earlier one if it brings none.
  std::string id;
  std::string type;
  // Empty: it only sets the id.
  std::string data;
};

// One GET whose answer goes on. Waits at most 20 s for anything.
class EventStream {
 public:
  struct Options {
    // Bearer token; empty sends none.
    std::string token;
    std::string accept = "text/event-stream";
    // Empty: the first time.
    std::string last_event_id;
  };
  EventStream(int port, const std::string& target, const Options& options);

  // Of the answer's head; 0 when there is none.
  int status() const;
  // The head as it came.
  const std::string& head() const { return head_; }

  // The next event. Comments are passed over. None at the end.
  std::optional<ServerEvent> Next();
  // The next line that is not empty, of a stream of lines. None at the end.
  std::optional<std::string> NextLine();
  // All that is left of the body.
  std::string Rest();
  // Whether the body has come to its end; else it was cut off.
  bool complete() const { return complete_; }
  const std::string& last_id() const { return last_id_; }

  // Leaves.
  void Close() { socket_.reset(); }

 private:
  // Reads on, into body_. False at the end.
  bool Fill();
  void TakeChunks();
  std::optional<std::string> Line();

  std::unique_ptr<RawSocket> socket_;
  std::string head_;
  bool chunked_ = false;
  // As it came, and what is not taken of the body.
  std::string raw_;
  std::string body_;
  bool complete_ = false;
  std::string last_id_;
};

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_EVENT_STREAM_H_
