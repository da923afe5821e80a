#include "tests/system/answer.h"

#include "absl/strings/match.h"
#include "tests/system/json.h"

namespace praxis::system {
namespace {

constexpr char kErrorInfo[] = "type.googleapis.com/google.rpc.ErrorInfo";

Answer ErrorOf(const HttpResponse& http) {
  Answer answer;
  answer.http_status = http.status;
  answer.message = http.error;
  if (http.status == 0) return answer;
  const std::optional<Json> json = ParseJson(http.body);
  // Cut off on its way.
  if (!json.has_value() && !http.error.empty()) return answer;
  if (!json.has_value()) {
    ADD_FAILURE() << http.status << " (" << http.error
                  << ") without an error in JSON: " << http.body;
    return answer;
  }
  EXPECT_TRUE(absl::StartsWith(http["content-type"], "application/json"));
  EXPECT_EQ(NumberAt(*json, "error.code"), http.status);
  EXPECT_TRUE(
      google::rpc::Code_Parse(TextAt(*json, "error.status"), &answer.code))
      << http.body;
  answer.message = TextAt(*json, "error.message");
  EXPECT_NE(answer.message, "");
  // ErrorInfo is the first detail of every error.
  EXPECT_EQ(TextAt(*json, "error.details.0.@type"), kErrorInfo) << http.body;
  EXPECT_EQ(TextAt(*json, "error.details.0.domain"), "praxis");
  answer.reason = TextAt(*json, "error.details.0.reason");
  return answer;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  out << google::rpc::Code_Name(answer.code);
  if (answer.http_status != 0) out << " (HTTP " << answer.http_status << ")";
  return out << " " << answer.reason << " " << answer.message;
}

Answer AnswerOf(const HttpResponse& http, google::protobuf::Message* response) {
  if (http.status != 200) return ErrorOf(http);
  Answer answer = AnswerOfBody(http);
  if (!answer.ok()) return answer;
  if (!FromJson(http.body, response)) answer.code = google::rpc::UNKNOWN;
  answer.bytes = response->SerializeAsString();
  return answer;
}

Answer AnswerOfBody(const HttpResponse& http) {
  if (http.status != 200 && http.status != 206) return ErrorOf(http);
  Answer answer;
  answer.http_status = http.status;
  answer.message = http.error;
  if (http.error.empty()) answer.code = google::rpc::OK;
  answer.bytes = http.body;
  return answer;
}

}  // namespace praxis::system
