#include "gateway/call/answer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gateway/forms/failure.h"
#include "google/protobuf/any.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// Whole seconds, at least one. 0: nothing was said about trying again.
int64_t RetryAfterSeconds(const google::rpc::Status& status) {
  google::rpc::RetryInfo info;
  for (const google::protobuf::Any& detail : status.details()) {
    if (detail.UnpackTo(&info)) {
      return std::max<int64_t>(
          1, info.retry_delay().seconds() + (info.retry_delay().nanos() > 0));
    }
  }
  return 0;
}

}  // namespace

// Errors are rare but may come in floods: no reflection, one string.
Response ErrorResponse(const absl::Status& failure, const Form& form,
                       absl::string_view request_id, int http_status) {
  const google::rpc::Status status = ToRpcStatus(failure);
  if (http_status == 0) http_status = HttpStatusOf(failure);
  Response response;
  response.status = form.is_framed() ? 200 : http_status;
  response.content_type = form.media_type;
  response.body = FailureBody(form, {status, http_status, request_id});

  response.fields = "Cache-Control: no-store\r\n";
  if (http_status == 401) {
    // RFC 6750, 3.
    response.fields += ReasonOf(failure) == Reason::TOKEN_INVALID
                           ? "WWW-Authenticate: Bearer error=\"invalid_token\""
                             "\r\n"
                           : "WWW-Authenticate: Bearer\r\n";
  }
  const int64_t retry_s = RetryAfterSeconds(status);
  if (retry_s > 0 || http_status == 503) {
    AddField("Retry-After", absl::StrCat(std::max<int64_t>(1, retry_s)),
             &response.fields);
  }
  return response;
}

Response ErrorResponse(const absl::Status& failure, int http_status) {
  return ErrorResponse(failure, Form{.media_type = kJson}, "", http_status);
}

}  // namespace praxis::gateway
