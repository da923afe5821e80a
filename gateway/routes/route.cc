#include "gateway/routes/route.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/api/http.pb.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using google::api::HttpRule;

// What is wrong, and with which rule: enough to find it in the .proto.
absl::Status BadRule(const Route& route, absl::string_view what) {
  return Error(
      Reason::INTERNAL,
      absl::StrCat("the http rule of ", route.method->full_name(), " (",
                   route.http_method, " ", route.path_text, ") ", what));
}

// The method and the template, from whichever field the rule has.
void SetPattern(const HttpRule& rule, Route* route) {
  const auto set = [route](absl::string_view http_method,
                           const std::string& path) {
    route->http_method = std::string(http_method);
    route->path_text = path;
  };
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return set("GET", rule.get());
    case HttpRule::kPut:
      return set("PUT", rule.put());
    case HttpRule::kPost:
      return set("POST", rule.post());
    case HttpRule::kDelete:
      return set("DELETE", rule.delete_());
    case HttpRule::kPatch:
      return set("PATCH", rule.patch());
    case HttpRule::kCustom:
      return set(rule.custom().kind(), rule.custom().path());
    case HttpRule::PATTERN_NOT_SET:
      return;
  }
}

// Methods are compared as they are sent, and they are case-sensitive (RFC 9110,
// 9.1): one in lower case would never be met.
absl::Status CheckMethod(const Route& route) {
  if (route.http_method.empty()) return BadRule(route, "has no pattern");
  if (route.http_method == "*") return absl::OkStatus();
  for (const char c : route.http_method) {
    if (!absl::ascii_isupper(c) && c != '-') {
      return BadRule(route, "has a method that is not in upper case");
    }
  }
  if (route.http_method == "HEAD" || route.http_method == "OPTIONS") {
    return BadRule(route, "has a method that the gateway answers itself");
  }
  return absl::OkStatus();
}

// "the referred field must not be a repeated field", and a path variable "must
// have a primitive (non-message) type".
absl::Status SetVariables(Route* route) {
  for (const PathTemplate::Variable& variable : route->path.variables) {
    std::optional<FieldPath> field =
        FieldPath::Resolve(*route->request, variable.field_path);
    if (!field.has_value() || field->ToString() != variable.field_path) {
      return BadRule(*route, absl::StrCat("binds ", variable.field_path,
                                          ", which the request has not"));
    }
    if (field->last().cardinality != Cardinality::kSingular ||
        field->last().kind == FieldKind::kMessage) {
      return BadRule(*route, absl::StrCat("binds ", variable.field_path,
                                          ", which is no single value"));
    }
    for (const FieldPath& other : route->variables) {
      if (other == *field) {
        return BadRule(*route,
                       absl::StrCat("binds ", variable.field_path, " twice"));
      }
    }
    route->variables.push_back(*std::move(field));
  }
  return absl::OkStatus();
}

absl::Status SetBody(const HttpRule& rule, Route* route) {
  if (rule.body().empty()) return absl::OkStatus();
  // RFC 9110, 9.3: a body of these has no meaning.
  if (route->http_method == "GET" || route->http_method == "HEAD" ||
      route->http_method == "DELETE") {
    return BadRule(*route, "has a body");
  }
  if (rule.body() == "*") {
    route->body = Route::Body::kWhole;
    return absl::OkStatus();
  }
  route->body = Route::Body::kField;
  route->body_field = route->request->FindName(rule.body());
  if (route->body_field == nullptr ||
      route->body_field->cardinality != Cardinality::kSingular) {
    return BadRule(*route, "has a body that is no single field of the request");
  }
  return absl::OkStatus();
}

// Lists and maps are allowed here: "response_body: \"threads\"" answers an
// array.
absl::Status SetResponse(const HttpRule& rule, Route* route) {
  if (rule.response_body().empty()) return absl::OkStatus();
  route->response_field = route->response->FindName(rule.response_body());
  if (route->response_field == nullptr) {
    return BadRule(*route,
                   "has a response_body that is no field of the response");
  }
  return absl::OkStatus();
}

// AIP-134: a PATCH of a resource whose request has a mask.
void SetUpdateMask(Route* route) {
  const FieldSchema* mask = route->request->FindName("update_mask");
  if (route->http_method == "PATCH" && route->body == Route::Body::kField &&
      route->body_field->message != nullptr && mask != nullptr &&
      mask->message != nullptr &&
      mask->message->kind == MessageKind::kFieldMask) {
    route->update_mask = mask;
  }
}

}  // namespace

absl::StatusOr<Route> Route::Make(
    const google::protobuf::MethodDescriptor* method, const HttpRule& rule,
    SchemaSet* schemas) {
  Route route;
  route.method = method;
  route.request = &schemas->Get(method->input_type());
  route.response = &schemas->Get(method->output_type());
  SetPattern(rule, &route);
  RETURN_IF_ERROR(CheckMethod(route));
  absl::StatusOr<PathTemplate> path = PathTemplate::Parse(route.path_text);
  if (!path.ok()) return BadRule(route, path.status().message());
  route.path = *std::move(path);
  RETURN_IF_ERROR(SetVariables(&route));
  RETURN_IF_ERROR(SetBody(rule, &route));
  RETURN_IF_ERROR(SetResponse(rule, &route));
  SetUpdateMask(&route);
  return route;
}

Route Route::MakeRpc(const google::protobuf::MethodDescriptor* method,
                     absl::string_view http_method, SchemaSet* schemas) {
  Route route;
  route.is_rpc = true;
  route.method = method;
  route.request = &schemas->Get(method->input_type());
  route.response = &schemas->Get(method->output_type());
  route.http_method = std::string(http_method);
  const std::string& service = method->service()->full_name();
  route.path_text = absl::StrCat("/", service, "/", method->name());
  for (const std::string& segment : {service, method->name()}) {
    route.path.segments.push_back({PathTemplate::Segment::kLiteral, segment});
  }
  return route;
}

}  // namespace praxis::gateway
