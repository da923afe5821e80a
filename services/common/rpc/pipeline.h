// The pipeline: our own function around every handler. It knows no transport:
// the gRPC rim and the gateway's in-process upstream are its two callers.
#ifndef SERVICES_COMMON_RPC_PIPELINE_H_
#define SERVICES_COMMON_RPC_PIPELINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/access/access.h"
#include "services/common/auth/secrets.h"
#include "services/common/rpc/admission.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/host.h"
#include "services/common/rpc/methods.h"

namespace praxis::telemetry {
class MethodMetrics;
}  // namespace praxis::telemetry

namespace praxis::rpc {

// A call as a transport hands it in.
struct Incoming {
  // Bearer token; empty when none was sent.
  std::string token;
  // InfiniteFuture when the caller gave none: the default is applied.
  absl::Time deadline = absl::InfiniteFuture();
  // W3C traceparent header, may be empty or wrong: then a new trace begins.
  std::string traceparent;
  // Id that the gateway or caller gave the request, for the log.
  std::string request_id;
  CancelFlag cancelled;
};

// What went out: a status, and the response's wire bytes when it is OK.
struct Reply {
  absl::Status status;
  std::string message;
  // Of calls without a token: the event of access up to which the reply takes
  // all into account, see access::Access::AppliedPosition. Whoever keeps the
  // reply needs it.
  int64_t access_position = 0;
};

// A call that streams. Transports pull or push wire bytes. Each operation ends
// with its callback, exactly once, on any thread; the next may only begin
// after it, and the call may only be destroyed when none is under way.
class StreamCall {
 public:
  virtual ~StreamCall() = default;

  // Server streams: the next message's bytes. A reply with `end` is the last
  // and carries the status.
  struct Piece {
    bool end = false;
    absl::Status status;
    std::string message;
  };
  virtual void Pull(absl::AnyInvocable<void(Piece)> done) = 0;

  // Client streams: one more message; not OK ends the stream. Bytes must live
  // until `done`.
  virtual void Push(absl::string_view message,
                    absl::AnyInvocable<void(absl::Status)> done) = 0;
  // Client streams: no more will come; the reply.
  virtual void Finish(absl::AnyInvocable<void(Reply)> done) = 0;

  // The caller is gone or the server stops: a Pull that waits for news ends
  // with CANCELLED at once, and so does every later operation. From any thread.
  virtual void Cancel() = 0;
};

// What every call of a pipeline is bounded by.
struct PipelineOptions {
  // Applied when the caller gave none, and the most a caller can ask for.
  // Streams have none unless the caller asks.
  absl::Duration deadline_default = absl::Seconds(5);
  absl::Duration deadline_max = absl::Minutes(5);
  // Bytes of one request message.
  size_t message_bytes_max = 4 << 20;
  // Run reads on the transport's own thread: right when the database answers
  // from this process (SQLite), wrong when it is a network away: gRPC has few
  // such threads, and one that waits holds up answers, deadlines and health.
  bool inline_reads = true;
};

// Takes a call through: method, size, deadline, token, policy, field rules,
// handler, error mapping, metrics, log. Permission comes before existence and
// before the shape of the message is looked at. Thread-safe.
class Pipeline {
 public:
  // What a pipeline is made of. All but the clock outlive it.
  struct Parts {
    const Methods& methods;
    access::Access& access;
    const auth::Sealer& sealer;
    const Host& host;
    std::function<absl::Time()> clock = [] { return absl::Now(); };
  };

  // Methods::Check must have been OK.
  Pipeline(Parts parts, PipelineOptions options);
  // Waits for what workers are still at: a stream that they let go of, or a
  // call whose transport has not waited for the reply. Transports have closed
  // theirs by then.
  ~Pipeline();

  // What it serves.
  const Methods& methods() const { return parts_.methods; }

  // Runs a unary call of `handler` (from methods().Find). `message` must live
  // until `done`, which is called exactly once: on the calling thread for
  // inline reads and early refusals, else on a worker.
  void Unary(const Handler& handler, Incoming incoming,
             absl::string_view message, absl::AnyInvocable<void(Reply)> done);

  // Opens a server stream with its only request.
  std::unique_ptr<StreamCall> ServerStream(const Handler& handler,
                                           Incoming incoming,
                                           std::string request);

  // Opens a client stream; its first Push decides about the call.
  std::unique_ptr<StreamCall> ClientStream(const Handler& handler,
                                           Incoming incoming);

 private:
  class UnderWay;
  struct Job;
  // pipeline_stream.cc
  struct StreamState;
  struct ServerStreamState;
  struct ClientStreamState;
  class ServerStreaming;
  class ClientStreaming;

  // Counts the call and gives it its own times, from what the transport said.
  Call Begin(const Handler& handler, Incoming& incoming) const;
  // False when the workers' queue is full.
  bool RunLater(absl::AnyInvocable<void()> work) const;
  // Runs it on the transport's thread, unless it would have to wait for another
  // process: then nothing has
  // happened but that it was counted.
  bool RunInline(Job& job);
  // Runs it on a worker.
  void RunUnary(Job& job);
  Reply Run(Job& job, bool* must_wait);
  void Finish(Job& job, Reply reply);
  absl::Status CheckSize(absl::string_view message) const;
  // Counts one more live stream of a caller. RATE_LIMITED when there are too
  // many of a person's; anyone's are bounded by the connections there may be.
  absl::Status EnterLive(const Call& call);
  void LeaveLive(const Call& call);
  static absl::Status Overloaded();
  // OK, or why the call need not run any more.
  absl::Status StillWanted(const Call& call) const;
  // The status as it leaves, counted and logged.
  absl::Status End(const Handler& handler, const Call& call,
                   absl::string_view request_id, absl::Status status) const;

  const Parts parts_;
  const PipelineOptions options_;
  const bool inline_reads_;
  Admission admission_;
  absl::flat_hash_map<const Handler*, telemetry::MethodMetrics*> metrics_;
  absl::Mutex streams_mutex_;
  // Streams, and calls that are the workers'.
  int under_way_ ABSL_GUARDED_BY(streams_mutex_) = 0;
  // Live streams of each person who has any.
  absl::flat_hash_map<std::string, int> live_streams_
      ABSL_GUARDED_BY(streams_mutex_);
};

// As long as one lives, so does the pipeline.
class Pipeline::UnderWay {
 public:
  explicit UnderWay(Pipeline& pipeline) : pipeline_(pipeline) {
    absl::MutexLock lock(&pipeline_.streams_mutex_);
    ++pipeline_.under_way_;
  }
  ~UnderWay() {
    absl::MutexLock lock(&pipeline_.streams_mutex_);
    --pipeline_.under_way_;
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  Pipeline& pipeline_;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_PIPELINE_H_
