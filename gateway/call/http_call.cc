#include "gateway/call/http_call.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/call/answer.h"
#include "gateway/call/conditions.h"
#include "gateway/call/incoming.h"
#include "gateway/forms/coding.h"
#include "gateway/routes/query.h"
#include "gateway/routes/request_binding.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/access_log.h"
#include "services/common/telemetry/tracer.h"

namespace praxis::gateway {

HttpCall::HttpCall(std::shared_ptr<Exchange> exchange,
                   const Operation& operation, const CallContext& context)
    : exchange_(std::move(exchange)),
      operation_(operation),
      context_(context),
      begun_(absl::Now()),
      span_(telemetry::BeginSpan(context.tracer,
                                 exchange_->head()[Header::kTraceparent])) {}

absl::StatusOr<rpc::Incoming> HttpCall::MakeIncoming(absl::Duration timeout) {
  // RPCs by their own paths know no parameters but Connect's.
  if (!operation_.route.is_rpc) {
    ASSIGN_OR_RETURN(mask_, ReadMaskOf(operation_.route, head().query));
  }
  ASSIGN_OR_RETURN(
      rpc::Incoming incoming,
      IncomingOf(head(), exchange_->request_id(), absl::Now(), timeout));
  // What happens upstream happens because of this request.
  incoming.traceparent = std::string(span_.context.Traceparent().view());
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

void HttpCall::OnBadBody(const absl::Status& status, int http_status) {
  GiveUp(status, http_status);
}

// The service watches the same deadline and usually answers first. This is for
// the one that does not.
void HttpCall::OnDeadline() {
  GiveUp(
      Error(Reason::DEADLINE_EXCEEDED, "The call took longer than allowed."));
}

void HttpCall::GiveUp(const absl::Status& status, int http_status) {
  if (ended_) return;
  if (cancelled_ != nullptr) *cancelled_ = true;
  CancelUpstream();
  started_ ? Break(status) : Fail(status, "", http_status);
}

void HttpCall::Respond(Response response) {
  ended_ = true;
  EncodeBody(head(), &response);
  Count(response.status, absl::OkStatus());
  context_.cors.AddFields(head(), &response.fields);
  exchange_->Respond(std::move(response));
}

void HttpCall::RespondWith(const rpc::Reply& reply) {
  Response response;
  const absl::Status status =
      reply.status.ok() ? Render(reply.message, &response) : reply.status;
  if (status.ok() && response.status == 200) Rendered(response);
  status.ok() ? Respond(std::move(response)) : Fail(status);
}

absl::Status HttpCall::Render(absl::string_view message,
                              Response* response) const {
  const bool is_get = operation_.route.http_method == "GET";
  // Tokens are answered to POST and must not be kept (RFC 6749, 5.1); what is
  // read depends on who reads and may be kept if it is asked about again.
  response->fields = is_get ? "Cache-Control: private, no-cache\r\n"
                            : "Cache-Control: no-store\r\n";
  const std::string tag = EntityTag(message);
  if (!tag.empty()) {
    AddEtag(tag, &response->fields);
    const absl::string_view known = head()[Header::kIfNoneMatch];
    if (is_get && !known.empty() && NamesEtag(known, tag)) {
      response->status = 304;
      return absl::OkStatus();
    }
  }
  return WriteBody(message, response);
}

// Empty for what has no etag.
std::string HttpCall::EntityTag(absl::string_view message) const {
  if (operation_.response_etag == nullptr) return "";
  const absl::string_view etag =
      StringField(message, operation_.response_etag->number);
  return etag.empty() ? "" : EntityTagOf(etag, message);
}

absl::Status HttpCall::WriteBody(absl::string_view message,
                                 Response* response) const {
  response->content_type = kJson;
  return WriteResponse(operation_.route, message, mask_, &response->body);
}

// The one place where a failure becomes an answer.
void HttpCall::Fail(absl::Status status, absl::string_view fields,
                    int http_status) {
  if (ReasonOf(status) == Reason::ETAG_MISMATCH &&
      !head()[Header::kIfMatch].empty()) {
    status = Error(Reason::PRECONDITION_FAILED, status.message());
  }
  Response response = ErrorResponse(status, ErrorFormOf(head()),
                                    exchange_->request_id(), http_status);
  response.fields.append(fields.data(), fields.size());
  ended_ = true;
  Count(http_status != 0 ? http_status : HttpStatusOf(status), status);
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

void HttpCall::Ended(const absl::Status& status) {
  ended_ = true;
  Count(status.ok() ? started_status_ : HttpStatusOf(status), status);
  exchange_->End();
}

void HttpCall::Break(const absl::Status& status) {
  ended_ = true;
  Count(HttpStatusOf(status), status);
  exchange_->Abort();
}

// Before the answer goes out: behind it, the exchange is at its next request.
void HttpCall::Count(int http_status, const absl::Status& status) {
  const absl::Time now = absl::Now();
  operation_.metrics.Answered(http_status, now - begun_);
  if (context_.log != nullptr || span_.context.sampled) {
    Record(http_status, status, now);
  }
}

void HttpCall::Record(int http_status, const absl::Status& status,
                      absl::Time ended) {
  const std::string method = absl::StrCat(operation_.route.http_method, " ",
                                          operation_.route.path_text);
  const auto trace_id = span_.context.TraceId();
  if (context_.log != nullptr) {
    context_.log->Write(
        {.method = method,
         .code = status.code(),
         .http_status = http_status,
         .detail = status.message(),
         .latency = ended - begun_,
         .stream = operation_.route.method->server_streaming() ||
                   operation_.route.method->client_streaming(),
         .request_id = exchange_->request_id(),
         .trace_id = trace_id.view(),
         .client = exchange_->client_address()});
  }
  if (context_.tracer == nullptr) return;
  // The names are those of OpenTelemetry's conventions for HTTP servers.
  context_.tracer->End(span_,
                       {.name = method,
                        .begun = begun_,
                        .ended = ended,
                        .failed = http_status >= 500,
                        .detail = status.message()},
                       {{"http.request.method", operation_.route.http_method},
                        {"http.route", operation_.route.path_text},
                        {"http.response.status_code", http_status},
                        {"url.path", head().path},
                        {"client.address", exchange_->client_address()},
                        {"praxis.request_id", exchange_->request_id()}});
}

}  // namespace praxis::gateway
