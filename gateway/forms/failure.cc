#include "gateway/forms/failure.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/forms/envelope.h"
#include "gateway/http/response.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "services/common/telemetry/json.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Any;

SchemaSet& Schemas() {
  static SchemaSet* schemas = new SchemaSet;
  return *schemas;
}

const std::string& CodeName(const google::rpc::Status& status) {
  return google::rpc::Code_Name(static_cast<google::rpc::Code>(status.code()));
}

void AppendMember(absl::string_view name, absl::string_view text,
                  std::string* json) {
  absl::StrAppend(json, ",\"", name, "\":");
  telemetry::AppendJsonString(text, json);
}

// A list of what `append` makes of each detail; false leaves one out.
void AppendDetails(const google::rpc::Status& status,
                   bool (*append)(const Any&, std::string*),
                   std::string* json) {
  json->append(",\"details\":[");
  const size_t before = json->size();
  for (const Any& detail : status.details()) {
    const size_t here = json->size();
    if (here != before) json->push_back(',');
    if (!append(detail, json)) json->resize(here);
  }
  json->push_back(']');
}

// A type that this program does not know has no JSON.
bool AppendAny(const Any& detail, std::string* json) {
  return WriteJson(Schemas().Get(Any::descriptor()), detail.SerializeAsString(),
                   json)
      .ok();
}

absl::string_view TypeOf(const Any& detail) {
  const absl::string_view url = detail.type_url();
  return url.substr(url.rfind('/') + 1);
}

// `debug` is for people: programs read the value.
bool AppendConnectDetail(const Any& detail, std::string* json) {
  json->append("{\"type\":");
  telemetry::AppendJsonString(TypeOf(detail), json);
  std::string value = absl::Base64Escape(detail.value());
  while (!value.empty() && value.back() == '=') value.pop_back();
  AppendMember("value", value, json);
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          std::string(TypeOf(detail)));
  std::string debug;
  if (type != nullptr &&
      WriteJson(Schemas().Get(type), detail.value(), &debug).ok()) {
    absl::StrAppend(json, ",\"debug\":", debug);
  }
  json->push_back('}');
  return true;
}

std::string StatusJson(const Failure& failure) {
  std::string json =
      absl::StrCat("{\"error\":{\"code\":", failure.http_status,
                   ",\"status\":\"", CodeName(failure.status), "\"");
  AppendMember("message", failure.status.message(), &json);
  AppendDetails(failure.status, &AppendAny, &json);
  json.append("}}");
  return json;
}

std::string ReasonIn(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const Any& detail : status.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

std::string ProblemJson(const Failure& failure) {
  const std::string reason = ReasonIn(failure.status);
  std::string json = "{\"type\":";
  telemetry::AppendJsonString(absl::StrCat("urn:praxis:reason:", reason),
                              &json);
  AppendMember("title", ReasonPhrase(failure.http_status), &json);
  absl::StrAppend(&json, ",\"status\":", failure.http_status);
  AppendMember("detail", failure.status.message(), &json);
  AppendMember("code", CodeName(failure.status), &json);
  AppendMember("reason", reason, &json);
  AppendMember("requestId", failure.request_id, &json);
  AppendDetails(failure.status, &AppendAny, &json);
  json.push_back('}');
  return json;
}

// Connect writes the names of codes in lower case; one is spelt otherwise.
std::string ConnectJson(const google::rpc::Status& status) {
  std::string code = absl::AsciiStrToLower(CodeName(status));
  if (status.code() == google::rpc::CANCELLED) code = "canceled";
  std::string json = absl::StrCat("{\"code\":\"", code, "\"");
  AppendMember("message", status.message(), &json);
  AppendDetails(status, &AppendConnectDetail, &json);
  json.push_back('}');
  return json;
}

// Percent-encoded where a header could not hold it (gRPC over HTTP/2,
// "Status-Message").
std::string PercentEncoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (c < ' ' || c > '~' || c == '%') {
      absl::StrAppend(&encoded, "%",
                      absl::AsciiStrToUpper(absl::StrCat(absl::Hex(
                          static_cast<uint8_t>(c), absl::kZeroPad2))));
    } else {
      encoded.push_back(c);
    }
  }
  return encoded;
}

std::string Trailers(const google::rpc::Status& status) {
  std::string trailers = absl::StrCat("grpc-status: ", status.code(), "\r\n");
  if (status.code() == google::rpc::OK) return trailers;
  absl::StrAppend(&trailers, "grpc-message: ", PercentEncoded(status.message()),
                  "\r\ngrpc-status-details-bin: ",
                  absl::Base64Escape(status.SerializeAsString()), "\r\n");
  return trailers;
}

}  // namespace

std::string FailureBody(const Form& form, const Failure& failure) {
  switch (form.protocol) {
    case Protocol::kHttp:
      return StatusJson(failure);
    case Protocol::kHttpProblem:
      return ProblemJson(failure);
    case Protocol::kConnect:
      return ConnectJson(failure.status);
    default:
      return EndFrame(form, failure.status);
  }
}

std::string EndFrame(const Form& form, const google::rpc::Status& status) {
  std::string frame;
  if (form.protocol != Protocol::kConnectStream) {
    AppendEnvelope(form, kGrpcWebTrailers, Trailers(status), &frame);
    return frame;
  }
  AppendEnvelope(form, kConnectEnd,
                 status.code() == google::rpc::OK
                     ? "{}"
                     : absl::StrCat("{\"error\":", ConnectJson(status), "}"),
                 &frame);
  return frame;
}

}  // namespace praxis::gateway
