// Connection: one client's requests, one after another.
#ifndef GATEWAY_HTTP_CONNECTION_H_
#define GATEWAY_HTTP_CONNECTION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "gateway/http/address.h"
#include "gateway/http/buffer.h"
#include "gateway/http/client_socket.h"
#include "gateway/http/exchange.h"
#include "gateway/http/framing.h"
#include "gateway/http/head.h"
#include "gateway/http/limits.h"
#include "gateway/http/loop.h"
#include "gateway/http/response.h"
#include "gateway/http/unsent.h"

namespace praxis::gateway {

// What the connections of one server have in common. Outlives the server for
// those who still hold an exchange.
struct Shared {
  Shared(Handler& handler, const HttpLimits& limits,
         const TrustedProxies& proxies, const TlsIdentity* tls)
      : handler(handler),
        limits(limits),
        proxies(proxies),
        tls(tls),
        unsent(limits.unsent_bytes_max) {}

  Handler& handler;
  const HttpLimits limits;
  const TrustedProxies proxies;
  // Null: in the clear.
  const TlsIdentity* const tls;
  // See Exchange; shown by the gauge, which may be null.
  std::atomic<int> requests_waiting{0};
  telemetry::Gauge* waiting_shown = nullptr;
  // See HttpLimits::bodies_bytes_max.
  std::atomic<int64_t> bodies_bytes{0};
  Unsent unsent;
  // Answers say that the connection closes after them.
  std::atomic<bool> draining{false};
  // A connection without a request closes soon.
  std::atomic<bool> closing{false};
  // Called when a connection has closed, from its loop's thread.
  absl::AnyInvocable<void(absl::string_view address)> closed;
};

// Reads a request, has it handled, sends the answer, and goes on to the next,
// which may be in the buffer already (pipelining): answers keep the order of
// requests because the next one is not looked at before. It is the exchange of
// whichever request it is at. All of it runs on the loop's thread.
class Connection final : public Exchange,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(ClientSocket::Socket socket, std::string address,
             std::shared_ptr<Loop> loop, std::shared_ptr<Shared> shared);

  // Begins to read.
  void Open();

  // Whether one of the time limits is over.
  bool IsLate(Loop::Time now) const;
  void OnLate(Loop::Time now);
  // Closes soon, if no request comes first.
  void CloseIfIdle();
  // Closes at once.
  void CutOff() { Drop(); }

  const RequestHead& head() const override { return head_; }
  absl::string_view request_id() const override { return request_id_; }
  absl::string_view client_address() const override {
    return from_proxy_ ? absl::string_view(client_) : address_;
  }
  int requests_waiting() const override { return shared_->requests_waiting; }
  void ReadBody(size_t bytes_max, BodyDone done) override;
  void ReadSome(char* into, size_t size, ReadDone done) override;
  void Respond(Response response) override;
  void Start(const Response& response, std::optional<uint64_t> length) override;
  void Write(Slice slice, absl::AnyInvocable<void()> done) override;
  void End() override;
  void Abort() override { Drop(); }
  void Watch(std::shared_ptr<Watcher> watcher, absl::Duration left) override;
  void Dispatch(absl::AnyInvocable<void()> work) override;

 private:
  enum class State {
    kReading,    // between requests, or within a head
    kHandling,   // from the end of a head to the end of its answer
    kLingering,  // all is said; the client may not have read it yet
    kClosed,
  };

  // connection.cc: from request to request.
  void Next();
  void BeginRequest(size_t head_bytes);
  void ReadMore();
  void OnInput(size_t bytes);
  void AwaitGone();
  void OnAwaited(bool gone);
  void Refuse(const absl::Status& status, int http_status = 0);
  void Linger();
  void Drop();

  // connection_body.cc: the body of a request.
  void BeginWaiting();
  Buffer& body_buffer() { return body_in_.has_memory() ? body_in_ : in_; }
  void ContinueBody();
  absl::Status TakeWhole();
  absl::Status CountBody();
  void DropBody();
  absl::Status TakePiece(size_t* taken);
  void ReadBodyMore();
  void FailBody(const absl::Status& status, int http_status = 0);
  void SkipBody();
  void ReleaseBody();

  // connection_answer.cc: its answer.
  void AppendAnswerHead(const Response& response,
                        std::optional<uint64_t> length);
  void EndWaiting();
  void Send(absl::string_view body, void (Connection::*then)());
  void AddUnsent(int64_t bytes);
  void RemoveUnsent();
  void OnAnswered();
  void OnSliceSent();
  bool wants_body() const { return head_.method != "HEAD"; }

  // Of the other end.
  const std::string address_;
  const bool from_proxy_;
  // Whom the proxy speaks for.
  std::string client_;
  const std::shared_ptr<Loop> loop_;
  const std::shared_ptr<Shared> shared_;
  ClientSocket socket_;
  State state_ = State::kReading;
  // Next() is further up on the stack.
  bool in_next_ = false;
  // The next request's first bytes are here.
  bool head_begun_ = false;
  // Of the state kReading and kLingering.
  Loop::Time late_ = Loop::Time::max();

  Buffer in_;
  HeadReader head_reader_;
  RequestHead head_;
  std::string request_id_;

  // The body: pieces are read into body_in_, for in_ holds the head.
  BodyFraming framing_;
  Buffer body_in_;
  bool continue_sent_ = false;
  // Whole, if it was not in in_ from the start.
  std::string body_;
  size_t body_max_ = 0;
  // Of it, in bodies_bytes.
  int64_t body_counted_ = 0;
  BodyDone body_done_;
  char* piece_ = nullptr;
  size_t piece_size_ = 0;
  ReadDone piece_done_;

  // Counted in requests_waiting.
  bool waiting_ = false;

  // The answer. Once it has begun, nothing of the body is wanted any more.
  bool answer_begun_ = false;
  bool close_after_ = false;
  bool chunked_ = false;
  // Of a body whose length was told.
  bool sized_ = false;
  uint64_t left_to_write_ = 0;
  std::string out_;
  Response answer_;
  Slice slice_;
  absl::AnyInvocable<void()> slice_done_;
  // Its number in Unsent; 0: it does not wait.
  int64_t unsent_ = 0;

  std::shared_ptr<Watcher> watcher_;
  Loop::Time call_late_ = Loop::Time::max();
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_CONNECTION_H_
