// Streams as handlers write them: pulled or pushed one message at a time on a
// worker thread, so that a stream that waits holds no thread.
#ifndef SERVICES_COMMON_RPC_STREAM_H_
#define SERVICES_COMMON_RPC_STREAM_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace praxis::rpc {

// What a pull from a server stream gave.
enum class Pulled {
  kMessage,
  // The stream has ended well.
  kEnd,
  // Nothing yet: WhenReady tells when to pull again.
  kWait,
};

// A server stream. Never used by two threads at once; destroyed when the
// caller has it all or is gone.
template <typename Response>
class ServerStream {
 public:
  virtual ~ServerStream() = default;

  // The next message, into a cleared `message`.
  virtual absl::StatusOr<Pulled> Next(Response* message) = 0;

  // After kWait: calls `ready` once, from any thread, when Next has news.
  // Destroying the stream drops a `ready` that was not called.
  virtual void WhenReady(std::function<void()> ready) { ready(); }

  // Whether Next would now answer from memory: then it runs on the transport's
  // thread, or on the one that calls `ready`, and takes no worker.
  virtual bool IsQuick() const { return false; }

  // Whether it goes on for as long as its caller likes: then the caller's token
  // must be good for each message, and one person has only so many.
  virtual bool IsLive() const { return false; }
};

// A client stream, opened with its first message. Never used by two threads at
// once. Destroyed without Finish when the caller broke off: nothing remains.
template <typename Request, typename Response>
class ClientStream {
 public:
  virtual ~ClientStream() = default;

  // The next message, the first one included.
  virtual absl::Status Push(const Request& message) = 0;

  // All have come.
  virtual absl::StatusOr<Response> Finish() = 0;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_STREAM_H_
