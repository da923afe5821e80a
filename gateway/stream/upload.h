// Upload: a raw body as a stream of request messages.
#ifndef GATEWAY_STREAM_UPLOAD_H_
#define GATEWAY_STREAM_UPLOAD_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "gateway/call/http_call.h"
#include "gateway/routes/route_table.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::gateway {

// The first message says what path, query and headers say, and carries no
// bytes: the service can refuse before the client has sent any. Then each
// message carries a piece of the body, which is not taken from the client
// before the service has taken the last. What the service does not get to the
// end it does not keep: when the client breaks off, so does this.
class Upload : public HttpCall {
 public:
  Upload(std::shared_ptr<Exchange> exchange, const Operation& operation,
         const CallContext& context, RouteMatch match)
      : HttpCall(std::move(exchange), operation, context),
        match_(std::move(match)) {}

  void Run();

 private:
  std::shared_ptr<Upload> Self() {
    return std::static_pointer_cast<Upload>(shared_from_this());
  }
  absl::Status BuildFirst();
  void Push(absl::string_view message);
  void OnPushed();
  void OnPiece(size_t size);
  void Finish();
  void OnReply();
  void CancelUpstream() override;

  const RouteMatch match_;
  // Also held by what is under way, which may outlast the call.
  std::shared_ptr<rpc::StreamCall> stream_;
  // The first message; then room for a message's framing, and a piece.
  std::string buffer_;
  absl::Status pushed_;
  rpc::Reply reply_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_STREAM_UPLOAD_H_
