// Lines: a server stream as lines of JSON.
#ifndef GATEWAY_STREAM_LINES_H_
#define GATEWAY_STREAM_LINES_H_

#include <memory>

#include "gateway/call/http_call.h"
#include "gateway/routes/route_table.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::gateway {

// application/x-ndjson: each message a line, as it comes, none pulled before
// the client has taken the last. A failure before the first message is an
// ordinary error; one that comes later breaks the connection, so that the end
// is never taken for a good one.
class Lines : public HttpCall {
 public:
  Lines(std::shared_ptr<Exchange> exchange, const Operation& operation,
        const CallContext& context, RouteMatch match)
      : HttpCall(std::move(exchange), operation, context),
        match_(std::move(match)) {}

  void Run();

 private:
  std::shared_ptr<Lines> Self() {
    return std::static_pointer_cast<Lines>(shared_from_this());
  }
  void Invoke(absl::string_view body);
  void Pull();
  void OnPiece();
  void Begin();
  void CancelUpstream() override { stream_ = nullptr; }

  const RouteMatch match_;
  std::unique_ptr<rpc::StreamCall> stream_;
  rpc::StreamCall::Piece piece_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_STREAM_LINES_H_
