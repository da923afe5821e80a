// Errors: one absl::Status per failure, carrying a stable reason, from the
// place that finds it to the wire of every protocol we speak.
#ifndef SERVICES_COMMON_STATUS_STATUS_H_
#define SERVICES_COMMON_STATUS_STATUS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "praxis/errors/v1/reasons.pb.h"

namespace google::rpc {
class Status;
}  // namespace google::rpc

namespace praxis {

using errors::v1::Reason;

// A failure with `reason`, whose code reasons.proto declares. `message` is one
// sentence for a person that says what to do; no SQL, path or secret in it.
absl::Status Error(Reason reason, absl::string_view message);

// One field that breaks its rules. `field` is its proto path: "thread.title".
struct FieldViolation {
  std::string field;
  std::string description;
};

// FIELD_INVALID with a google.rpc.BadRequest that names every field.
absl::Status FieldErrors(const std::vector<FieldViolation>& violations);

// `status` with a google.rpc.RetryInfo: the caller may try again after `delay`.
absl::Status RetryAfter(absl::Status status, absl::Duration delay);

// The reason a status carries, REASON_UNSPECIFIED when it has none.
Reason ReasonOf(const absl::Status& status);

// The HTTP status a failure is answered with: the reason's own if it declares
// one, else the code's as google/rpc/code.proto maps it. Without a reason it is
// 500, whatever the code, for such a status is shown as INTERNAL.
int HttpStatusOf(const absl::Status& status);

// As google.rpc.Status, with ErrorInfo {reason, domain: "praxis"} always in
// its details (AIP-193). A status without a reason is shown as INTERNAL and
// its text withheld: it did not come from our code, so nobody vouched for it.
google::rpc::Status ToRpcStatus(const absl::Status& status);

// The way back; details of unknown types are dropped.
absl::Status FromRpcStatus(const google::rpc::Status& status);

}  // namespace praxis

#define PRAXIS_STATUS_CONCAT_INNER(a, b) a##b
#define PRAXIS_STATUS_CONCAT(a, b) PRAXIS_STATUS_CONCAT_INNER(a, b)

// Returns from the enclosing function when `expression` is not OK.
#define RETURN_IF_ERROR(expression)                  \
  do {                                               \
    absl::Status praxis_status_ = (expression);      \
    if (!praxis_status_.ok()) return praxis_status_; \
  } while (false)

// Assigns the value of a StatusOr, or returns its status.
#define ASSIGN_OR_RETURN(target, expression)                                  \
  PRAXIS_ASSIGN_OR_RETURN(PRAXIS_STATUS_CONCAT(praxis_or_, __LINE__), target, \
                          expression)
#define PRAXIS_ASSIGN_OR_RETURN(result, target, expression) \
  auto result = (expression);                               \
  if (!result.ok()) return std::move(result).status();      \
  target = *std::move(result)

#endif  // SERVICES_COMMON_STATUS_STATUS_H_
