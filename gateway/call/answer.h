// Answers of the gateway itself: errors, in the form that the client reads.
#ifndef GATEWAY_CALL_ANSWER_H_
#define GATEWAY_CALL_ANSWER_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/forms/form.h"
#include "gateway/http/response.h"

namespace praxis::gateway {

inline constexpr absl::string_view kJson = "application/json";

// A failure as an HTTP answer, in a form (FailureBody). `http_status` is 0
// where it is the status's own; forms that tell of failures in envelopes are
// answered with 200. With WWW-Authenticate (401), Retry-After (RetryInfo, and
// 503 always) and Cache-Control: no-store.
Response ErrorResponse(const absl::Status& status, const Form& form,
                       absl::string_view request_id, int http_status = 0);

// The same as google.rpc.Status, where nobody has said how to answer.
Response ErrorResponse(const absl::Status& status, int http_status = 0);

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_ANSWER_H_
