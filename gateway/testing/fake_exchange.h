// FakeExchange and FakeEndpoint: the two sides of a call, moved by hand, for
// what no real client and service do on demand: answers that race.
#ifndef GATEWAY_TESTING_FAKE_EXCHANGE_H_
#define GATEWAY_TESTING_FAKE_EXCHANGE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/http/exchange.h"
#include "gateway/upstream/upstream.h"

namespace praxis::gateway {

// An exchange whose client does what the test says. One thread only.
class FakeExchange : public Exchange {
 public:
  const RequestHead& head() const override { return request; }
  absl::string_view request_id() const override { return "request-1"; }
  absl::string_view client_address() const override { return address; }
  int requests_waiting() const override { return waiting; }

  void ReadBody(size_t, BodyDone done) override { body_done = std::move(done); }
  void ReadSome(char* into, size_t size, ReadDone done) override {
    piece = into;
    piece_size = size;
    piece_done = std::move(done);
  }
  void Respond(Response response) override {
    ++answers;
    answer = std::move(response);
    watcher = nullptr;
  }
  void Start(const Response& response,
             std::optional<uint64_t> length) override {
    started = true;
    answer = response;
    answer_length = length;
  }
  void Write(Slice slice, absl::AnyInvocable<void()> done) override {
    written += slice.piece.substr(slice.begin, slice.size);
    write_done = std::move(done);
  }
  void End() override {
    ++answers;
    ended = true;
    watcher = nullptr;
  }
  void Abort() override {
    aborted = true;
    watcher = nullptr;
  }
  void Watch(std::shared_ptr<Watcher> who, absl::Duration left) override {
    watcher = std::move(who);
    time_left = left;
  }
  void Dispatch(absl::AnyInvocable<void()> work) override { work(); }

  // Forgets whoever still waits for something. A call and its exchange hold
  // each other as long as the call is under way.
  void LetGo() {
    watcher = nullptr;
    body_done = nullptr;
    piece_done = nullptr;
    write_done = nullptr;
  }

  // The client sends a piece of its body; "" is the end.
  void SendPiece(const std::string& bytes) {
    bytes.copy(piece, bytes.size());
    std::exchange(piece_done, nullptr)(bytes.size());
  }
  // The client has taken what was written.
  void TakeWritten() { std::exchange(write_done, nullptr)(); }
  void Leave() {
    if (const auto told = std::move(watcher)) told->OnGone();
  }

  RequestHead request;
  std::string address = "192.0.2.1";
  int waiting = 0;
  std::shared_ptr<Watcher> watcher;
  absl::Duration time_left;
  BodyDone body_done;
  char* piece = nullptr;
  size_t piece_size = 0;
  ReadDone piece_done;
  absl::AnyInvocable<void()> write_done;

  int answers = 0;
  Response answer;
  std::optional<uint64_t> answer_length;
  std::string written;
  bool started = false;
  bool ended = false;
  bool aborted = false;
};

// A stream whose service does what the test says.
class FakeStream : public rpc::StreamCall {
 public:
  // What is left of it when the call has let go.
  struct State {
    absl::AnyInvocable<void(Piece)> pull;
    absl::AnyInvocable<void(absl::Status)> push;
    absl::AnyInvocable<void(rpc::Reply)> finish;
    std::vector<std::string> pushed;
    bool open = true;
  };

  explicit FakeStream(std::shared_ptr<State> state)
      : state_(std::move(state)) {}
  ~FakeStream() override { state_->open = false; }

  void Pull(absl::AnyInvocable<void(Piece)> done) override {
    state_->pull = std::move(done);
  }
  void Push(absl::string_view message,
            absl::AnyInvocable<void(absl::Status)> done) override {
    state_->pushed.emplace_back(message.data(), message.size());
    state_->push = std::move(done);
  }
  void Finish(absl::AnyInvocable<void(rpc::Reply)> done) override {
    state_->finish = std::move(done);
  }
  void Cancel() override { state_->open = false; }

 private:
  const std::shared_ptr<State> state_;
};

// A method whose service does what the test says.
class FakeEndpoint : public Endpoint {
 public:
  struct State {
    rpc::Incoming incoming;
    std::string message;
    absl::AnyInvocable<void(rpc::Reply)> done;
    int calls = 0;
    int cancelled = 0;
    std::shared_ptr<FakeStream::State> stream;

    // Forgets whoever still waits for something.
    void LetGo() {
      done = nullptr;
      if (stream == nullptr) return;
      stream->pull = nullptr;
      stream->push = nullptr;
      stream->finish = nullptr;
    }
  };

  explicit FakeEndpoint(std::shared_ptr<State> state)
      : state_(std::move(state)) {}

  std::shared_ptr<Running> Unary(
      rpc::Incoming incoming, absl::string_view message,
      absl::AnyInvocable<void(rpc::Reply)> done) override {
    Begin(std::move(incoming), message);
    state_->done = std::move(done);
    return std::make_shared<Call>(state_);
  }
  std::unique_ptr<rpc::StreamCall> ServerStream(rpc::Incoming incoming,
                                                std::string request) override {
    Begin(std::move(incoming), request);
    return std::make_unique<FakeStream>(state_->stream);
  }
  std::unique_ptr<rpc::StreamCall> ClientStream(
      rpc::Incoming incoming) override {
    Begin(std::move(incoming), "");
    return std::make_unique<FakeStream>(state_->stream);
  }

 private:
  class Call : public Running {
   public:
    explicit Call(std::shared_ptr<State> state) : state_(std::move(state)) {}
    void Cancel() override { ++state_->cancelled; }

   private:
    const std::shared_ptr<State> state_;
  };

  void Begin(rpc::Incoming incoming, absl::string_view message) {
    ++state_->calls;
    state_->incoming = std::move(incoming);
    state_->message = std::string(message.data(), message.size());
    state_->LetGo();
    state_->stream = std::make_shared<FakeStream::State>();
  }

  const std::shared_ptr<State> state_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_TESTING_FAKE_EXCHANGE_H_
