#include "gateway/call/http_call.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/call/answer.h"
#include "gateway/call/conditions.h"
#include "gateway/call/incoming.h"
#include "gateway/routes/request_binding.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/access_log.h"

namespace praxis::gateway {

HttpCall::HttpCall(std::shared_ptr<Exchange> exchange,
                   const Operation& operation, const CallContext& context)
    : exchange_(std::move(exchange)),
      operation_(operation),
      context_(context),
      begun_(absl::Now()) {}

absl::StatusOr<rpc::Incoming> HttpCall::MakeIncoming(absl::Duration timeout) {
  ASSIGN_OR_RETURN(
      rpc::Incoming incoming,
      IncomingOf(head(), exchange_->request_id(), absl::Now(), timeout));
  cancelled_ = incoming.cancelled;
  return incoming;
}

void HttpCall::Watch(absl::Time deadline) {
  exchange_->Watch(shared_from_this(), deadline - absl::Now());
}

// Counted as 499, which nobody sees: it says that we did not fail.
void HttpCall::OnGone() {
  if (ended_) return;
  ended_ = true;
  if (cancelled_ != nullptr) *cancelled_ = true;
  CancelUpstream();
  Count(499, Error(Reason::CANCELLED, "The client is gone."));
}

// The service watches the same deadline and usually answers first. This is for
// the one that does not.
void HttpCall::OnDeadline() {
  if (ended_) return;
  if (cancelled_ != nullptr) *cancelled_ = true;
  CancelUpstream();
  const absl::Status status =
      Error(Reason::DEADLINE_EXCEEDED, "The call took longer than allowed.");
  started_ ? Break(status) : Fail(status);
}

void HttpCall::Respond(Response response) {
  ended_ = true;
  Count(response.status, absl::OkStatus());
  context_.cors.AddFields(head(), &response.fields);
  exchange_->Respond(std::move(response));
}

void HttpCall::RespondWith(const rpc::Reply& reply) {
  Response response;
  const absl::Status status =
      reply.status.ok() ? Render(reply.message, &response) : reply.status;
  status.ok() ? Respond(std::move(response)) : Fail(status);
}

absl::Status HttpCall::Render(absl::string_view message,
                              Response* response) const {
  const Route& route = operation_.route;
  const bool is_get = route.http_method == "GET";
  // Tokens are answered to POST and must not be kept (RFC 6749, 5.1); what is
  // read depends on who reads and may be kept if it is asked about again.
  response->fields = is_get ? "Cache-Control: private, no-cache\r\n"
                            : "Cache-Control: no-store\r\n";
  if (operation_.response_etag != nullptr) {
    const absl::string_view etag =
        StringField(message, operation_.response_etag->number);
    AddEtag(etag, &response->fields);
    const absl::string_view known = head()[Header::kIfNoneMatch];
    if (is_get && !known.empty() && !etag.empty() && NamesEtag(known, etag)) {
      response->status = 304;
      return absl::OkStatus();
    }
  }
  response->content_type = kJson;
  return WriteResponse(route, message, &response->body);
}

// The one place where a failure becomes an answer.
void HttpCall::Fail(absl::Status status) {
  if (ReasonOf(status) == Reason::ETAG_MISMATCH &&
      !head()[Header::kIfMatch].empty()) {
    status = Error(Reason::PRECONDITION_FAILED, status.message());
  }
  Response response = ErrorResponse(status);
  ended_ = true;
  Count(response.status, status);
  context_.cors.AddFields(head(), &response.fields);
  exchange_->Respond(std::move(response));
}

// From here on a failure can only be shown by breaking the answer.
void HttpCall::Start(Response response, std::optional<uint64_t> length) {
  started_ = true;
  started_status_ = response.status;
  context_.cors.AddFields(head(), &response.fields);
  exchange_->Start(response, length);
}

void HttpCall::Ended() {
  ended_ = true;
  Count(started_status_, absl::OkStatus());
  exchange_->End();
}

void HttpCall::Break(const absl::Status& status) {
  ended_ = true;
  Count(HttpStatusOf(status), status);
  exchange_->Abort();
}

// Before the answer goes out: behind it, the exchange is at its next request.
void HttpCall::Count(int http_status, const absl::Status& status) {
  const absl::Duration took = absl::Now() - begun_;
  operation_.metrics.Answered(http_status, took);
  if (context_.log == nullptr) return;
  const std::string method = absl::StrCat(operation_.route.http_method, " ",
                                          operation_.route.path_text);
  context_.log->Write({.method = method,
                       .code = status.code(),
                       .detail = status.message(),
                       .latency = took,
                       .request_id = exchange_->request_id()});
}

}  // namespace praxis::gateway
