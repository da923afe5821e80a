// HttpCall: what every request that calls an RPC has in common.
#ifndef GATEWAY_CALL_HTTP_CALL_H_
#define GATEWAY_CALL_HTTP_CALL_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway/call/cors.h"
#include "gateway/call/operation.h"
#include "gateway/http/exchange.h"
#include "gateway/http/response.h"
#include "gateway/transcode/read_mask.h"
#include "services/common/rpc/call.h"
#include "services/common/telemetry/trace.h"

namespace praxis::telemetry {
class AccessLog;
class Tracer;
}  // namespace praxis::telemetry

namespace praxis::rpc {
class OpenStreams;
}  // namespace praxis::rpc

namespace praxis::gateway {

class ResponseCache;

// What calls need of the gateway; outlives them.
struct CallContext {
  const Cors& cors;
  // Null: nothing is logged.
  telemetry::AccessLog* log = nullptr;
  // Null: what clients record is passed on, and nothing recorded here.
  telemetry::Tracer* tracer = nullptr;
  // Null: nothing is kept.
  ResponseCache* cache = nullptr;
  // Of unary calls whose client does not say.
  absl::Duration timeout = absl::Seconds(5);
  // Streams of messages, which a server that stops ends. May be null.
  std::shared_ptr<rpc::OpenStreams> streams;
  // How long such a stream may last, give or take a tenth.
  absl::Duration stream_age = absl::Hours(1);
};

// A request on its way, from its route to its answer. Answered exactly once; a
// reply that comes after the client has gone, or after its time was over, is
// dropped. Everything but what upstreams call back runs on the exchange's
// thread.
class HttpCall : public Watcher, public std::enable_shared_from_this<HttpCall> {
 public:
  void OnGone() override;
  void OnBadBody(const absl::Status& status, int http_status) override;
  void OnDeadline() override;

 protected:
  HttpCall(std::shared_ptr<Exchange> exchange, const Operation& operation,
           const CallContext& context);

  // Tells the upstream that nobody waits any more.
  virtual void CancelUpstream() = 0;

  // What goes upstream, with `timeout` where the client does not say; also
  // sets the cancel flag and the mask.
  absl::StatusOr<rpc::Incoming> MakeIncoming(absl::Duration timeout);
  // Begins to watch for the client's leaving and for the deadline.
  void Watch(absl::Time deadline);

  void Respond(Response response);
  // With a reply's message, or its failure.
  void RespondWith(const rpc::Reply& reply);
  // Told of a whole answer, before what concerns this client alone is added.
  virtual void Rendered(const Response&) {}
  // Writes the message, and of what media type that is. JSON, unless the client
  // reads something else.
  virtual absl::Status WriteBody(absl::string_view message,
                                 Response* response) const;
  // With an error, in the form that the client reads, and header fields that it
  // needs besides; `http_status` is 0 if it is the status's own. ETAG_MISMATCH
  // becomes PRECONDITION_FAILED for a client that said If-Match.
  void Fail(absl::Status status, absl::string_view fields = "",
            int http_status = 0);
  // The head of an answer whose body follows; what ends it is Ended(), with the
  // failure if the body says that it ends with one.
  void Start(Response response, std::optional<uint64_t> length);
  void Ended(const absl::Status& status = absl::OkStatus());
  // The body cannot be had to its end.
  void Break(const absl::Status& status);

  Exchange& exchange() { return *exchange_; }
  const std::shared_ptr<Exchange>& shared_exchange() { return exchange_; }
  const RequestHead& head() const { return exchange_->head(); }
  const Operation& operation() const { return operation_; }
  const CallContext& context() const { return context_; }
  // What the client wants to read of the answer's messages.
  const ReadMask& mask() const { return mask_; }
  // Answered, or nobody is there to answer.
  bool ended() const { return ended_; }
  bool started() const { return started_; }

 private:
  // Nothing more is wanted of the upstream: answers with the failure, or breaks
  // the answer that has begun.
  void GiveUp(const absl::Status& status, int http_status = 0);
  absl::Status Render(absl::string_view message, Response* response) const;
  std::string EntityTag(absl::string_view message) const;
  void Count(int http_status, const absl::Status& status);
  void Record(int http_status, const absl::Status& status, absl::Time ended);

  const std::shared_ptr<Exchange> exchange_;
  const Operation& operation_;
  const CallContext& context_;
  const absl::Time begun_;
  const telemetry::Span span_;
  rpc::CancelFlag cancelled_;
  ReadMask mask_;
  int started_status_ = 0;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_HTTP_CALL_H_
