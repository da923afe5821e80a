// UnaryCall: a request with a JSON answer.
#ifndef GATEWAY_CALL_UNARY_CALL_H_
#define GATEWAY_CALL_UNARY_CALL_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/call/http_call.h"
#include "gateway/call/shared_read.h"
#include "gateway/routes/route_table.h"
#include "gateway/upstream/upstream.h"

namespace praxis::gateway {

// JSON in, wire bytes up, wire bytes back, JSON out. A read of a service in
// this process, or of what was kept, is answered before Run returns.
class UnaryCall : public HttpCall {
 public:
  UnaryCall(std::shared_ptr<Exchange> exchange, const Operation& operation,
            const CallContext& context, RouteMatch match)
      : HttpCall(std::move(exchange), operation, context),
        match_(std::move(match)) {}

  virtual void Run();

 protected:
  // Calls with a request in wire form, or answers why there is none.
  void Call(absl::StatusOr<std::string> wire);

 private:
  std::shared_ptr<UnaryCall> Self() {
    return std::static_pointer_cast<UnaryCall>(shared_from_this());
  }
  // Whether what was kept has answered.
  bool RespondFromCache();
  void Invoke(absl::string_view body);
  void OnReply();
  void Rendered(const Response& response) override;
  void CancelUpstream() override;

  const RouteMatch match_;
  std::optional<SharedRead> shared_;
  std::string wire_;
  std::shared_ptr<Running> running_;
  rpc::Reply reply_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_UNARY_CALL_H_
