// Answers of the gateway itself: errors, in the form of AIP-193.
#ifndef GATEWAY_CALL_ANSWER_H_
#define GATEWAY_CALL_ANSWER_H_

#include "absl/status/status.h"
#include "gateway/http/response.h"

namespace praxis::gateway {

inline constexpr absl::string_view kJson = "application/json";

// A failure as an HTTP answer:
//   {"error":{"code":404,"status":"NOT_FOUND","message":"...","details":[...]}}
// `code` is the HTTP status, `status` the name of the google.rpc.Code, and each
// detail has its "@type". `http_status` is 0 where it is the status's own. With
// WWW-Authenticate (401), Retry-After (RetryInfo, and 503 always) and
// Cache-Control: no-store.
Response ErrorResponse(const absl::Status& status, int http_status = 0);

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_ANSWER_H_
