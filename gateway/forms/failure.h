// Failures as clients read them, in every form.
#ifndef GATEWAY_FORMS_FAILURE_H_
#define GATEWAY_FORMS_FAILURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/forms/form.h"

namespace google::rpc {
class Status;
}  // namespace google::rpc

namespace praxis::gateway {

// One error of a request.
struct Failure {
  const google::rpc::Status& status;
  // Of the answer; where the form has its own, what it would have been.
  int http_status = 0;
  absl::string_view request_id;
};

// The body of an answer that is an error:
//   kHttp           {"error":{"code":404,"status":"NOT_FOUND","message":"...",
//                   "details":[{"@type":...}]}}, the form of AIP-193
//   kHttpProblem    {"type":"urn:praxis:reason:ROUTE_NOT_FOUND","title":
//                   "Not Found","status":404,"detail":"...","code":"NOT_FOUND",
//                   "reason":"ROUTE_NOT_FOUND","requestId":"...","details":[]}
//   kConnect        {"code":"not_found","message":"...","details":[{"type":
//                   "google.rpc.ErrorInfo","value":"...","debug":{...}}]}
//   framed forms    EndFrame()
std::string FailureBody(const Form& form, const Failure& failure);

// The last envelope of a framed body: how it ended, OK or not.
std::string EndFrame(const Form& form, const google::rpc::Status& status);

}  // namespace praxis::gateway

#endif  // GATEWAY_FORMS_FAILURE_H_
