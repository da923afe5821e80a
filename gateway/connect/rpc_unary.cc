#include "gateway/connect/rpc_unary.h"

#include <string>
#include <utility>

#include "gateway/connect/message.h"
#include "gateway/forms/failure.h"
#include "google/rpc/status.pb.h"
#include "services/common/status/status.h"

namespace praxis::gateway {

void RpcUnary::Run() {
  if (operation().route.http_method == "GET") return RunGet();
  absl::StatusOr<Form> form = RpcFormOf(operation().route, head());
  if (!form.ok()) return Fail(form.status(), kAcceptPost);
  form_ = *form;
  Watch(absl::InfiniteFuture());
  exchange().ReadBody(BodyBytesMax(form_), [self = Self()](
                                               absl::string_view body) {
    self->Call(ReadRequest(self->form_, self->operation(), self->head(), body));
  });
}

void RpcUnary::RunGet() {
  if (head().has_body()) {
    return Fail(Error(Reason::BODY_INVALID, "A GET takes no body here."));
  }
  Call(ReadQuery(operation().route, head().query, &form_));
}

absl::Status RpcUnary::WriteBody(absl::string_view message,
                                 Response* response) const {
  response->content_type = form_.media_type;
  const absl::Status written =
      WriteMessage(form_, operation().route, message, &response->body);
  if (written.ok() && form_.is_framed()) {
    response->body += EndFrame(form_, google::rpc::Status());
  }
  return written;
}

}  // namespace praxis::gateway
