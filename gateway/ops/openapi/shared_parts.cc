#include "gateway/ops/openapi/shared_parts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gateway/http/response.h"
#include "google/rpc/code.pb.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

constexpr char kOtherErrors[] = "OtherErrors";

struct Part {
  const char* name;
  const char* description;
  const char* example = "";
};

// What operations take beside the fields of their requests. Their examples are
// in words only: a viewer would send them.
constexpr Part kParameters[] = {
    {"If-Match",
     "The etag that the object must still have, in quotes (`\"v2\"`), or the "
     "ETag of an answer; 412 if it has another."},
    {"If-None-Match",
     "ETags of answers that are known already; 304 if it would be one of "
     "them."},
    {"Idempotency-Key",
     "Instead of `request_id`: a retry with the same key acts once. Any text "
     "that is used for nothing else, such as a UUID."},
    {"Range", "One range of bytes, `bytes=0-1023` (RFC 9110, 14)."},
    {"If-Range", "The etag that the bytes must still have for Range to count."},
    {"Last-Event-ID",
     "The id of the last event seen: the stream goes on behind it."},
    {"X-Request-Timeout",
     "How long the call may take: seconds, or `500ms`; at most 300 s."},
    {"fields",
     "Paths of the fields that are wanted of the answer, with commas between "
     "(`name,etag`): others are left out, also those that are required."},
};

// Headers of answers.
constexpr Part kHeaders[] = {
    {"X-Request-Id", "Names this request in logs and traces.",
     "01m8d1466ge6gt5sfem8vye0p1"},
    {"ETag", "Names this answer, for If-Match and If-None-Match.",
     "\"v2.9f86d081884c7d65\""},
    {"Retry-After", "Seconds to wait before trying again.", "1"},
    {"WWW-Authenticate", "How to sign in (RFC 6750).", "Bearer"},
    {"Allow", "With 405: the methods that this path takes.", "GET, OPTIONS"},
    {"Content-Disposition", "The name to save the bytes under (RFC 6266).",
     "attachment; filename=\"brass.pdf\""},
    {"Content-Range", "Which bytes of how many these are.",
     "bytes 0-1023/48213"},
};

// Only names of the tables are asked for.
template <size_t n>
const Part& PartOf(const Part (&parts)[n], const std::string& name) {
  for (const Part& part : parts) {
    if (name == part.name) return part;
  }
  return parts[0];
}

Object TextSchema() {
  Object schema;
  Set(schema, "type", "string");
  return schema;
}

Object Reference(const char* kind, const std::string& name) {
  Object reference;
  Set(reference, "$ref", absl::StrCat("#/components/", kind, "/", name));
  return reference;
}

// "Not Found" -> "NotFound".
std::string ResponseName(int http_status) {
  return absl::StrReplaceAll(ReasonPhrase(http_status), {{" ", ""}});
}

// Headers of an error with this status.
std::vector<std::string> HeadersOfError(int http_status) {
  if (http_status == 401) return {"WWW-Authenticate"};
  if (http_status == 429) return {"Retry-After"};
  return {};
}

std::string CodeName(const absl::Status& status) {
  return google::rpc::Code_Name(static_cast<google::rpc::Code>(status.code()));
}

std::vector<Object> DetailsOf(errors::v1::Reason reason) {
  Object detail;
  Set(detail, "@type", "type.googleapis.com/google.rpc.ErrorInfo");
  Set(detail, "reason", errors::v1::Reason_Name(reason));
  Set(detail, "domain", "praxis");
  return {std::move(detail)};
}

// The form of AIP-193.
Object ErrorExample(errors::v1::Reason reason, absl::string_view message) {
  const absl::Status status = Error(reason, message);
  Object example;
  Object& error = In(example, "error");
  Set(error, "code", HttpStatusOf(status));
  Set(error, "status", CodeName(status));
  Set(error, "message", message);
  Set(error, "details", DetailsOf(reason));
  return example;
}

// The form of RFC 9457.
Object ProblemExample(errors::v1::Reason reason, absl::string_view message) {
  const absl::Status status = Error(reason, message);
  const std::string& name = errors::v1::Reason_Name(reason);
  Object example;
  Set(example, "type", absl::StrCat("urn:praxis:reason:", name));
  Set(example, "title", ReasonPhrase(HttpStatusOf(status)));
  Set(example, "status", HttpStatusOf(status));
  Set(example, "detail", message);
  Set(example, "code", CodeName(status));
  Set(example, "reason", name);
  Set(example, "requestId", PartOf(kHeaders, "X-Request-Id").example);
  Set(example, "details", DetailsOf(reason));
  return example;
}

}  // namespace

Object Described(absl::string_view description) {
  Object object;
  Set(object, "description", description);
  return object;
}

Object Content(const std::string& type, Object schema) {
  Object content;
  Set(In(content, type), "schema", std::move(schema));
  return content;
}

SharedParts::SharedParts(const Contract& contract)
    : contract_(contract),
      headers_of_others_(Headers({"Retry-After", "Allow"})) {
  const auto* type = errors::v1::Reason_descriptor();
  for (int i = 1; i < type->value_count(); ++i) {
    const auto reason =
        static_cast<errors::v1::Reason>(type->value(i)->number());
    reasons_[HttpStatusOf(praxis::Error(reason, ""))].push_back(reason);
  }
}

Object SharedParts::Parameter(const std::string& name) {
  if (parameters_.fields().count(name) == 0) {
    const Part& part = PartOf(kParameters, name);
    Object parameter = Described(part.description);
    Set(parameter, "name", name);
    Set(parameter, "in", name == "fields" ? "query" : "header");
    Set(parameter, "schema", TextSchema());
    Set(parameters_, name, std::move(parameter));
  }
  return Reference("parameters", name);
}

Object SharedParts::Headers(const std::vector<std::string>& names) {
  Object headers;
  const auto add = [&](const std::string& name) {
    if (headers_.fields().count(name) == 0) {
      const Part& part = PartOf(kHeaders, name);
      Object header = Described(part.description);
      Set(header, "schema", TextSchema());
      Set(header, "example", part.example);
      if (name == "X-Request-Id" || name == "WWW-Authenticate") {
        Set(header, "required", true);
      }
      Set(headers_, name, std::move(header));
    }
    Set(headers, name, Reference("headers", name));
  };
  add("X-Request-Id");
  for (const std::string& name : names) add(name);
  return headers;
}

Object SharedParts::Error(int http_status) {
  const std::string name = ResponseName(http_status);
  if (responses_.fields().count(name) == 0) {
    Object response = Described(
        absl::StrCat(ReasonPhrase(http_status), ".\n", ReasonsOf(http_status)));
    Set(response, "headers", Headers(HeadersOfError(http_status)));
    Set(response, "content", ErrorContent(http_status));
    Set(responses_, name, std::move(response));
  }
  return Reference("responses", name);
}

Object SharedParts::OtherErrors() {
  return Reference("responses", kOtherErrors);
}

void SharedParts::AddTo(Object* components) const {
  std::string others = "Any other failure.";
  for (const auto& [http_status, reasons] : reasons_) {
    if (responses_.fields().count(ResponseName(http_status)) > 0) continue;
    absl::StrAppend(
        &others, ReasonsOf(http_status, absl::StrCat(" (", http_status, ")")));
  }
  Object response = Described(others);
  Set(response, "headers", headers_of_others_);
  Set(response, "content", ErrorContent(503));
  Set(*components, "parameters", parameters_);
  Set(*components, "headers", headers_);
  Set(*components, "responses", responses_);
  Set(In(*components, "responses"), kOtherErrors, std::move(response));
}

// A list of the reasons that a status has, and what each means; `mark` follows
// each.
std::string SharedParts::ReasonsOf(int http_status,
                                   const std::string& mark) const {
  std::string list;
  const auto found = reasons_.find(http_status);
  if (found == reasons_.end()) return list;
  for (const errors::v1::Reason reason : found->second) {
    const auto* value =
        errors::v1::Reason_descriptor()->FindValueByNumber(reason);
    const std::string comment = contract_.CommentOf(*value);
    absl::StrAppend(&list, "\n- `", value->name(), "`", mark,
                    comment.empty() ? "" : ": ", comment);
  }
  return list;
}

// Examples are of the first reason.
Object SharedParts::ErrorContent(int http_status) const {
  const auto found = reasons_.find(http_status);
  const errors::v1::Reason reason =
      found == reasons_.end() ? errors::v1::INTERNAL : found->second[0];
  const std::string message = contract_.CommentOf(
      *errors::v1::Reason_descriptor()->FindValueByNumber(reason));
  Object content;
  Object& error = In(content, "application/json");
  Set(error, "schema", Reference("schemas", "Error"));
  Set(error, "example", ErrorExample(reason, message));
  Object& problem = In(content, "application/problem+json");
  Set(problem, "schema", Reference("schemas", "Problem"));
  Set(problem, "example", ProblemExample(reason, message));
  return content;
}

}  // namespace praxis::gateway
