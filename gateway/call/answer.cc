#include "gateway/call/answer.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "google/protobuf/any.pb.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/json.h"

namespace praxis::gateway {
namespace {

// Appends the JSON of a message that an error is made of.
absl::Status AppendMessage(const google::protobuf::Message& message,
                           std::string* json) {
  static SchemaSet* schemas = new SchemaSet;
  return WriteJson(schemas->Get(message.GetDescriptor()),
                   message.SerializeAsString(), json);
}

void AppendDetails(const google::rpc::Status& status, std::string* json) {
  const size_t before = json->size();
  for (const google::protobuf::Any& detail : status.details()) {
    const size_t here = json->size();
    if (here != before) json->push_back(',');
    // A type that this program does not know has no JSON.
    if (!AppendMessage(detail, json).ok()) {
      json->resize(here);
    }
  }
}

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
Response ErrorResponse(const absl::Status& failure, int http_status) {
  const google::rpc::Status status = ToRpcStatus(failure);
  Response response;
  response.status = http_status != 0 ? http_status : HttpStatusOf(failure);
  response.content_type = kJson;
  absl::StrAppend(
      &response.body, "{\"error\":{\"code\":", response.status,
      ",\"status\":\"",
      google::rpc::Code_Name(static_cast<google::rpc::Code>(status.code())),
      "\",\"message\":");
  telemetry::AppendJsonString(status.message(), &response.body);
  response.body.append(",\"details\":[");
  AppendDetails(status, &response.body);
  response.body.append("]}}");

  response.fields = "Cache-Control: no-store\r\n";
  if (response.status == 401) {
    // RFC 6750, 3.
    response.fields += ReasonOf(failure) == Reason::TOKEN_INVALID
                           ? "WWW-Authenticate: Bearer error=\"invalid_token\""
                             "\r\n"
                           : "WWW-Authenticate: Bearer\r\n";
  }
  const int64_t retry_s = RetryAfterSeconds(status);
  if (retry_s > 0 || response.status == 503) {
    AddField("Retry-After", absl::StrCat(std::max<int64_t>(1, retry_s)),
             &response.fields);
  }
  return response;
}

}  // namespace praxis::gateway
