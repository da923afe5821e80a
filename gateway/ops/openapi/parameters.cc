#include "gateway/ops/openapi/parameters.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "praxis/http/v1/body.pb.h"
#include "praxis/options/v1/options.pb.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using options::v1::FieldRules;
using Segment = PathTemplate::Segment;

const FieldRules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::field);
}

// Descriptions belong to the parameter, not to its schema.
Object Parameter(const std::string& name, const char* where, bool required,
                 Object schema, const std::optional<Value>& example) {
  Object parameter;
  const auto description = schema.fields().find("description");
  if (description != schema.fields().end()) {
    Set(parameter, "description", description->second);
    schema.mutable_fields()->erase("description");
  }
  Set(parameter, "name", name);
  Set(parameter, "in", where);
  if (required) Set(parameter, "required", true);
  Set(parameter, "schema", std::move(schema));
  if (example.has_value()) Set(parameter, "example", *example);
  return parameter;
}

// The value of a path's segment in the example of the field it is bound to.
std::optional<Value> ExampleOf(const Route& route, size_t segment,
                               const Examples& examples) {
  for (size_t i = 0; i < route.variables.size(); ++i) {
    const PathTemplate::Variable& variable = route.path.variables[i];
    if (segment < variable.begin || segment >= variable.end) continue;
    const std::optional<Value> whole =
        examples.Of(*route.variables[i].last().descriptor);
    if (!whole.has_value() || variable.is_single) return whole;
    const std::vector<std::string> ids =
        absl::StrSplit(whole->string_value(), '/');
    const size_t at = segment - variable.begin;
    if (at < ids.size()) return ValueOf(ids[at]);
  }
  return std::nullopt;
}

// One placeholder of the path: an id behind the name of its collection.
Object PathParameter(const Route& route, size_t segment,
                     const std::string& name, const Examples& examples) {
  Object schema;
  Set(schema, "type", "string");
  const bool is_id = segment > 0 &&
                     route.path.segments[segment].kind == Segment::kOne &&
                     route.path.segments[segment - 1].kind == Segment::kLiteral;
  if (is_id) {
    Set(schema, "description",
        absl::StrCat("The id after `", route.path.segments[segment - 1].literal,
                     "/`."));
  }
  return Parameter(name, "path", true, std::move(schema),
                   ExampleOf(route, segment, examples));
}

// What neither path nor body says may be asked in the query. The range of a
// download comes as a header.
void AddQuery(const Route& route, Parts& parts,
              std::vector<Object>* parameters) {
  const std::set<std::string> in_path = FieldsInPath(route);
  const Descriptor& request = *route.method->input_type();
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    const bool in_body =
        route.body_field != nullptr && route.body_field->descriptor == &field;
    const bool is_range =
        field.message_type() == http::v1::ByteRange::descriptor();
    if (in_body || is_range || in_path.count(field.name()) > 0) continue;
    // Only what must be there: a client that tries the example out would not
    // want the rest.
    const bool required = RulesOf(field).required();
    parameters->push_back(
        Parameter(field.json_name(), "query", required, parts.schemas.Of(field),
                  required ? parts.examples.Of(field) : std::nullopt));
  }
}

// Headers that stand for fields, and those that every route takes.
std::vector<std::string> SharedParametersOf(const Route& route) {
  std::vector<std::string> names;
  const bool is_get = route.http_method == "GET";
  const Descriptor& request = *route.method->input_type();
  const Descriptor& response = *route.method->output_type();
  const bool is_download = IsRawBody(&response);
  if (IsGuarded(route)) names.push_back("If-Match");
  if (request.FindFieldByName("request_id") != nullptr) {
    names.push_back("Idempotency-Key");
  }
  if (is_get && (is_download || response.FindFieldByName("etag") != nullptr)) {
    names.push_back("If-None-Match");
  }
  if (is_download) {
    names.push_back("Range");
    names.push_back("If-Range");
  } else if (request.FindFieldByName("fields") == nullptr) {
    names.push_back("fields");
  }
  if (route.method->server_streaming() &&
      request.FindFieldByName("after") != nullptr) {
    names.push_back("Last-Event-ID");
  }
  names.push_back("X-Request-Timeout");
  return names;
}

Object JsonBody(Object schema, const Object& example) {
  Object content = Content("application/json", std::move(schema));
  Set(In(content, "application/json"), "example", example);
  return content;
}

Object UploadBody() {
  Object schema;
  Set(schema, "type", "string");
  Set(schema, "format", "binary");
  Object content = Content("application/octet-stream", std::move(schema));
  Set(In(content, "application/octet-stream"), "example", "Any bytes.");
  return content;
}

}  // namespace

bool IsRawBody(const Descriptor* type) {
  return type == http::v1::BodyChunk::descriptor();
}

bool IsGuarded(const Route& route) {
  const auto has_etag = [](const Descriptor* type) {
    return type != nullptr && type->FindFieldByName("etag") != nullptr;
  };
  if (has_etag(route.method->input_type())) return true;
  // An object that is sent to be made has no etag yet.
  return route.http_method == "PATCH" && route.body_field != nullptr &&
         has_etag(route.body_field->descriptor->message_type());
}

std::set<std::string> FieldsInPath(const Route& route) {
  std::set<std::string> names;
  for (const FieldPath& variable : route.variables) {
    names.insert(variable.first().descriptor->name());
  }
  return names;
}

std::vector<Object> ParametersOf(const Route& route,
                                 const std::vector<std::string>& names,
                                 Parts& parts) {
  std::vector<Object> parameters;
  auto name = names.begin();
  for (size_t i = 0; i < route.path.segments.size(); ++i) {
    if (route.path.segments[i].kind == Segment::kLiteral) continue;
    parameters.push_back(PathParameter(route, i, *name++, parts.examples));
  }
  if (route.body != Route::Body::kWhole) AddQuery(route, parts, &parameters);
  for (const std::string& shared : SharedParametersOf(route)) {
    parameters.push_back(parts.shared.Parameter(shared));
  }
  return parameters;
}

// A body that is the whole request leaves out what the path says.
Object RequestBodyOf(const Route& route, Parts& parts) {
  Object body;
  const Descriptor& request = *route.method->input_type();
  if (route.body == Route::Body::kWhole) {
    const std::set<std::string> in_path = FieldsInPath(route);
    Object schema = parts.schemas.WithoutFields(request, in_path);
    if (schema.fields().count("required") > 0) Set(body, "required", true);
    Set(body, "content",
        JsonBody(std::move(schema), parts.examples.Sent(request, in_path)));
    return body;
  }
  Set(body, "required", true);
  const FieldDescriptor& field = *route.body_field->descriptor;
  if (IsRawBody(field.message_type())) {
    Set(body, "description",
        "The bytes. Content-Type may be any; it is kept with them.");
    Set(body, "content", UploadBody());
  } else if (field.message_type() == nullptr || field.is_repeated()) {
    Set(body, "content", Content("application/json", parts.schemas.Of(field)));
  } else {
    const Descriptor& type = *field.message_type();
    Set(body, "content",
        JsonBody(route.http_method == "PATCH" ? parts.schemas.Of(field)
                                              : parts.schemas.WholeOf(type),
                 parts.examples.Sent(type)));
  }
  return body;
}

}  // namespace praxis::gateway
