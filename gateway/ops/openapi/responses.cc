#include "gateway/ops/openapi/responses.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway/ops/openapi/parameters.h"
#include "praxis/errors/v1/reasons.pb.h"
#include "praxis/options/v1/options.pb.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;

// HTTP statuses of the reasons that a comment names.
std::set<int> StatusesIn(const std::string& comment) {
  std::set<int> statuses;
  for (const absl::string_view word :
       absl::StrSplit(comment, absl::ByAnyChar(" ,.;:()\n"))) {
    errors::v1::Reason reason;
    if (errors::v1::Reason_Parse(std::string(word), &reason)) {
      statuses.insert(HttpStatusOf(Error(reason, "")));
    }
  }
  return statuses;
}

// Errors that callers of the route must reckon with.
std::set<int> ErrorsOf(const Route& route, const Contract& contract) {
  std::set<int> statuses = StatusesIn(contract.CommentOf(*route.method));
  statuses.insert({400, 401, 429});
  const auto& policy =
      route.method->options().GetExtension(options::v1::policy);
  if (policy.access() != options::v1::ANYONE) statuses.insert(403);
  if (!route.variables.empty()) statuses.insert(404);
  if (route.method->input_type()->FindFieldByName("request_id") != nullptr) {
    statuses.insert(409);
  }
  if (IsGuarded(route)) statuses.insert({409, 412});
  if (route.body != Route::Body::kNone) {
    statuses.insert(413);
    statuses.insert(415);
  }
  return statuses;
}

Object Binary() {
  Object schema;
  Set(schema, "type", "string");
  Set(schema, "format", "binary");
  return schema;
}

// All of the bytes, or some.
void AddDownload(Parts& parts, Object* responses) {
  Object whole = Described("The bytes.");
  Set(whole, "headers", parts.shared.Headers({"ETag", "Content-Disposition"}));
  Set(whole, "content", Content("*/*", Binary()));
  Set(*responses, "200", std::move(whole));
  Object part = Described("The range that was asked for.");
  Set(part, "headers",
      parts.shared.Headers({"ETag", "Content-Disposition", "Content-Range"}));
  Set(part, "content", Content("*/*", Binary()));
  Set(*responses, "206", std::move(part));
}

// The forms of a stream, by what Accept asks for.
void AddStream(const Descriptor& type, Parts& parts, Object* responses) {
  const Object example = parts.examples.Answered(type);
  Object stream = Described(
      "One message after another, as they come: a line each, an event each, or "
      "the elements of one array. If it fails on the way, the last one is an "
      "Error.");
  Set(stream, "headers", parts.shared.Headers({}));
  Object& content = In(stream, "content");
  Object& line = In(content, "application/x-ndjson");
  Set(line, "schema", parts.schemas.Of(type));
  Set(line, "example", example);
  Object& array = In(content, "application/json");
  Set(In(array, "schema"), "type", "array");
  Set(In(array, "schema"), "items", parts.schemas.Of(type));
  Set(array, "example", std::vector<Object>{example});
  Set(In(In(content, "text/event-stream"), "schema"), "type", "string");
  Set(*responses, "200", std::move(stream));
}

void AddJson(const Route& route, Parts& parts, Object* responses) {
  const Descriptor& type = *route.method->output_type();
  const bool has_etag = type.FindFieldByName("etag") != nullptr;
  std::string description = parts.contract.CommentOf(type);
  if (description.empty()) description = "It is done.";
  Object ok = Described(description);
  Set(ok, "headers",
      parts.shared.Headers(has_etag ? std::vector<std::string>{"ETag"}
                                    : std::vector<std::string>()));
  Object& content = In(In(ok, "content"), "application/json");
  if (route.response_field == nullptr) {
    Set(content, "schema", parts.schemas.Of(type));
    Set(content, "example", parts.examples.Answered(type));
  } else {
    Set(content, "schema", parts.schemas.Of(*route.response_field->descriptor));
  }
  Set(*responses, "200", std::move(ok));
}

}  // namespace

Object ResponsesOf(const Route& route, Parts& parts) {
  Object responses;
  const Descriptor& type = *route.method->output_type();
  const bool is_download = IsRawBody(&type);
  if (is_download) {
    AddDownload(parts, &responses);
  } else if (route.method->server_streaming()) {
    AddStream(type, parts, &responses);
  } else {
    AddJson(route, parts, &responses);
  }
  if (route.http_method == "GET" &&
      (is_download || type.FindFieldByName("etag") != nullptr)) {
    Object unchanged = Described("The answer is one of If-None-Match still.");
    Set(unchanged, "headers", parts.shared.Headers({"ETag"}));
    Set(responses, "304", std::move(unchanged));
  }
  for (const int status : ErrorsOf(route, parts.contract)) {
    Set(responses, absl::StrCat(status), parts.shared.Error(status));
  }
  Set(responses, "default", parts.shared.OtherErrors());
  return responses;
}

}  // namespace praxis::gateway
