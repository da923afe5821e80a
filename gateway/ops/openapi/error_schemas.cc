#include "gateway/ops/openapi/error_schemas.h"

#include <string>
#include <utility>
#include <vector>

#include "praxis/errors/v1/reasons.pb.h"

namespace praxis::gateway {
namespace {

// An object of known properties.
class ObjectSchema {
 public:
  explicit ObjectSchema(absl::string_view description) {
    Set(schema_, "type", "object");
    Set(schema_, "description", description);
    Set(schema_, "additionalProperties", false);
  }

  // Adds a property, which must be there if `required`.
  Object& Add(const std::string& name, const char* type,
              absl::string_view description, bool required = true) {
    Object& property = In(In(schema_, "properties"), name);
    Set(property, "type", type);
    if (!description.empty()) Set(property, "description", description);
    if (required) required_.push_back(name);
    return property;
  }
  Object Take() {
    if (!required_.empty()) Set(schema_, "required", std::move(required_));
    return std::move(schema_);
  }

 private:
  Object schema_;
  std::vector<std::string> required_;
};

Object DetailsRef() {
  Object reference;
  Set(reference, "$ref", "#/components/schemas/ErrorDetail");
  return reference;
}

void SetReasons(Object* property) {
  std::vector<std::string> reasons;
  const auto* type = errors::v1::Reason_descriptor();
  for (int i = 1; i < type->value_count(); ++i) {
    reasons.push_back(type->value(i)->name());
  }
  Set(*property, "enum", std::move(reasons));
}

// What services send of google/rpc/error_details.proto.
Object ErrorDetail() {
  ObjectSchema detail("A google.rpc.ErrorInfo, BadRequest or RetryInfo.");
  detail.Add("@type", "string",
             "Which: \"type.googleapis.com/google.rpc.ErrorInfo\".");
  SetReasons(&detail.Add("reason", "string", "ErrorInfo: what went wrong.",
                         /*required=*/false));
  detail.Add("domain", "string", "ErrorInfo: always \"praxis\".", false);
  Object& metadata = detail.Add("metadata", "object", "ErrorInfo.", false);
  Set(In(metadata, "additionalProperties"), "type", "string");
  Object& violations =
      detail.Add("fieldViolations", "array",
                 "BadRequest: each field that will not do.", false);
  ObjectSchema violation("One field, by its path in the contract.");
  violation.Add("field", "string", "\"thread.title\"");
  violation.Add("description", "string", "What it must be.");
  Set(violations, "items", violation.Take());
  detail.Add("retryDelay", "string",
             "RetryInfo: how long to wait before trying again, \"1.5s\".",
             false);
  return detail.Take();
}

Object ErrorOfStatus() {
  ObjectSchema error("");
  error.Add("code", "integer", "The HTTP status.");
  error.Add("status", "string", "The name of the google.rpc.Code.");
  error.Add("message", "string", "A sentence for people: what to do.");
  Set(error.Add("details", "array", "The first is an ErrorInfo."), "items",
      DetailsRef());
  Object inner = error.Take();
  inner.mutable_fields()->erase("description");
  ObjectSchema outer("A failure in the form of AIP-193.");
  outer.Add("error", "object", "") = std::move(inner);
  return outer.Take();
}

Object Problem() {
  ObjectSchema problem(
      "A failure in the form of RFC 9457, where Accept prefers "
      "application/problem+json.");
  Set(problem.Add("type", "string", "\"urn:praxis:reason:NAME_TAKEN\""),
      "format", "uri");
  problem.Add("title", "string", "The HTTP status in words.");
  problem.Add("status", "integer", "The HTTP status.");
  problem.Add("detail", "string", "A sentence for people: what to do.");
  problem.Add("code", "string", "The name of the google.rpc.Code.");
  SetReasons(&problem.Add("reason", "string", "What went wrong."));
  problem.Add("requestId", "string", "As in X-Request-Id.");
  Set(problem.Add("details", "array", "The first is an ErrorInfo."), "items",
      DetailsRef());
  return problem.Take();
}

}  // namespace

void AddErrorSchemas(Object* schemas) {
  Set(*schemas, "Error", ErrorOfStatus());
  Set(*schemas, "ErrorDetail", ErrorDetail());
  Set(*schemas, "Problem", Problem());
}

}  // namespace praxis::gateway
