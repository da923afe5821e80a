// One HTTP request and its answer, as whoever handles it sees them. No socket
// library in here, so that everything may include it.
#ifndef GATEWAY_HTTP_EXCHANGE_H_
#define GATEWAY_HTTP_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/http/head.h"
#include "gateway/http/response.h"

namespace praxis::gateway {

// Told what happens to an exchange that is not answered at once.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // The client is gone.
  virtual void OnGone() = 0;
  // The body will not do, or came too slowly: to be answered, now, with
  // `status`; `http_status` is 0 if it is the status's own. The connection ends
  // with the answer.
  virtual void OnBadBody(const absl::Status& status, int http_status) = 0;
  // The time given to Watch() is over. Called at most once.
  virtual void OnDeadline() = 0;
};

// One request, until it has been answered. All calls but Dispatch() are made
// on the exchange's own thread, where Handle() and every callback run too.
// After the answer is complete, or after OnGone(), the request's views are
// void and no call but Dispatch() may be made: the connection may be at its
// next request.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const RequestHead& head() const = 0;
  // The client's X-Request-Id if it is one, else a new id.
  virtual absl::string_view request_id() const = 0;
  // Who sent it, as text: the address of the connection's other end, or, where
  // that is a trusted proxy, the one that the proxy names.
  virtual absl::string_view client_address() const = 0;

  // How many requests of its server are here with their whole bodies and have
  // no answer that has begun: what is being worked on. Those that still come
  // in, however slowly, and those that are still read cost a connection, no
  // work.
  virtual int requests_waiting() const = 0;

  // When a body is too large, malformed or too slow, `done` is dropped and the
  // watcher told OnBadBody(); without one the handler's Refuse() answers.

  // The whole body, at most `bytes_max`; good until the answer is complete.
  // Calls `done` at once if the body is there already.
  using BodyDone = absl::AnyInvocable<void(absl::string_view)>;
  virtual void ReadBody(size_t bytes_max, BodyDone done) = 0;

  // 1 to `size` bytes of the body into `into`, 0 at its end. Nothing more is
  // taken from the client before the next call.
  using ReadDone = absl::AnyInvocable<void(size_t)>;
  virtual void ReadSome(char* into, size_t size, ReadDone done) = 0;

  // The whole answer. To a HEAD request the body is left out, and only its
  // length sent.
  virtual void Respond(Response response) = 0;

  // The head of an answer whose body follows by Write(), with which it is sent;
  // `response.body` is not looked at. Without a length the body is chunked.
  virtual void Start(const Response& response,
                     std::optional<uint64_t> length) = 0;
  // A part of `piece`, which is kept until `done`: then the client's side has
  // taken it, and the next may follow.
  struct Slice {
    std::string piece;
    size_t begin = 0;
    size_t size = 0;
  };
  virtual void Write(Slice slice, absl::AnyInvocable<void()> done) = 0;
  // All was written.
  virtual void End() = 0;
  // The rest cannot be had: breaks the connection, so that the client sees a
  // body cut short and not one that ended.
  virtual void Abort() = 0;

  // Whoever cannot answer at once names who is told what happens; `left` may
  // be infinite. Held until the answer is complete or the client gone.
  virtual void Watch(std::shared_ptr<Watcher> watcher, absl::Duration left) = 0;

  // Runs `work` on the exchange's thread: now if it is this one. From any
  // thread. Dropped, not run, when the server has stopped.
  virtual void Dispatch(absl::AnyInvocable<void()> work) = 0;
};

// Answers requests.
class Handler {
 public:
  virtual ~Handler() = default;

  // Called on the thread that read the request; must not block for long.
  virtual void Handle(std::shared_ptr<Exchange> exchange) = 0;

  // The answer to a request that cannot be read. `head` is empty where that is
  // what cannot be; `http_status` is 0 if it is the status's own.
  virtual Response Refuse(const RequestHead& head, absl::string_view request_id,
                          const absl::Status& status, int http_status) = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_EXCHANGE_H_
