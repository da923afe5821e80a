#include "gateway/upstream/remote/stream_reactor.h"

#include "absl/strings/str_cat.h"

namespace praxis::gateway {

void SetContext(const rpc::Incoming& incoming, grpc::ClientContext* context) {
  if (!incoming.token.empty()) {
    context->AddMetadata("authorization",
                         absl::StrCat("Bearer ", incoming.token));
  }
  if (!incoming.traceparent.empty()) {
    context->AddMetadata("traceparent", incoming.traceparent);
  }
  if (!incoming.request_id.empty()) {
    context->AddMetadata("x-request-id", incoming.request_id);
  }
  if (incoming.deadline != absl::InfiniteFuture()) {
    context->set_deadline(absl::ToChronoTime(incoming.deadline));
  }
}

}  // namespace praxis::gateway
