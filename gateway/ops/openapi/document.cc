#include "gateway/ops/openapi/document.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gateway/ops/openapi/object.h"
#include "gateway/ops/openapi/schema.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "praxis/errors/v1/reasons.pb.h"
#include "praxis/http/v1/body.pb.h"
#include "praxis/options/v1/options.pb.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

constexpr char kErrorRef[] = "#/components/responses/Error";

// "communities" -> "community", "threads" -> "thread".
// Good enough for names that only people read.
std::string SingularOf(absl::string_view collection) {
  if (absl::ConsumeSuffix(&collection, "ies")) {
    return absl::StrCat(collection, "y");
  }
  absl::ConsumeSuffix(&collection, "s");
  return std::string(collection.data(), collection.size());
}

bool IsStreamedBody(const Descriptor* type) {
  return type == http::v1::BodyChunk::descriptor();
}

Object Content(const char* type, Object schema) {
  Object content;
  Set(In(content, type), "schema", std::move(schema));
  return content;
}

Object Binary() {
  Object schema;
  Set(schema, "type", "string");
  Set(schema, "format", "binary");
  return schema;
}

Object Described(absl::string_view description) {
  Object object;
  Set(object, "description", description);
  return object;
}

Object Parameter(const std::string& name, const char* where, bool required,
                 Object schema) {
  Object parameter;
  // Descriptions belong to the parameter.
  const auto description = schema.fields().find("description");
  if (description != schema.fields().end()) {
    Set(parameter, "description", description->second);
    schema.mutable_fields()->erase("description");
  }
  Set(parameter, "name", name);
  Set(parameter, "in", where);
  if (required) Set(parameter, "required", true);
  Set(parameter, "schema", std::move(schema));
  return parameter;
}

Object HeaderParameter(const char* name, absl::string_view description) {
  Object schema;
  Set(schema, "type", "string");
  Set(schema, "description", description);
  return Parameter(name, "header", false, std::move(schema));
}

// The fields of the request's top level that the path fills.
std::set<std::string> FieldsInPath(const Route& route) {
  std::set<std::string> names;
  for (const FieldPath& variable : route.variables) {
    names.insert(variable.first().descriptor->name());
  }
  return names;
}

}  // namespace

std::string OpenApiPath(const PathTemplate& path,
                        std::vector<std::string>* names) {
  std::string text;
  std::string collection;
  for (const PathTemplate::Segment& segment : path.segments) {
    if (segment.kind == PathTemplate::Segment::kLiteral) {
      absl::StrAppend(&text, "/", segment.literal);
      collection = segment.literal;
      continue;
    }
    const std::string base =
        segment.kind == PathTemplate::Segment::kRest || collection.empty()
            ? "path"
            : SingularOf(collection);
    std::string name = base;
    for (int i = 2; std::count(names->begin(), names->end(), name) > 0; ++i) {
      name = absl::StrCat(base, i);
    }
    absl::StrAppend(&text, "/{", name, "}");
    names->push_back(std::move(name));
  }
  if (!path.verb.empty()) absl::StrAppend(&text, ":", path.verb);
  return text;
}

namespace {

// One document in the making.
class Document {
 public:
  Document(const std::vector<std::unique_ptr<const Route>>& routes,
           const Contract& contract)
      : contract_(contract), schemas_(contract, PatchedTypes(routes)) {
    for (const auto& route : routes) AddRoute(*route);
  }

  std::string Json(absl::string_view version) {
    Set(root_, "openapi", "3.1.0");
    Object& info = In(root_, "info");
    Set(info, "title", "Praxis");
    Set(info, "version", version);
    Set(info, "description",
        "The backend of communities of practice. Every failure is answered as "
        "an Error whose first detail is a google.rpc.ErrorInfo with a stable "
        "reason.");
    Object& components = In(root_, "components");
    Object& bearer = In(In(components, "securitySchemes"), "bearer");
    Set(bearer, "type", "http");
    Set(bearer, "scheme", "bearer");
    Set(bearer, "bearerFormat", "JWT");
    Object error = Described("The call failed.");
    Set(error, "content", Content("application/json", ErrorSchema()));
    Set(In(components, "responses"), "Error", std::move(error));
    Set(components, "schemas", schemas_.components());

    std::string json;
    SchemaSet schemas;
    const absl::Status written = WriteJson(schemas.Get(Object::descriptor()),
                                           root_.SerializeAsString(), &json);
    return written.ok() ? json : "{}";  // a comment that is not UTF-8
  }

 private:
  static std::set<const Descriptor*> PatchedTypes(
      const std::vector<std::unique_ptr<const Route>>& routes) {
    std::set<const Descriptor*> types;
    for (const auto& route : routes) {
      if (route->http_method != "PATCH" || route->body_field == nullptr) {
        continue;
      }
      types.insert(route->body_field->descriptor->message_type());
    }
    return types;
  }

  // One operation. Additional bindings are operations of their own.
  void AddRoute(const Route& route) {
    std::vector<std::string> names;
    const std::string path = OpenApiPath(route.path, &names);
    Object& operation = In(In(In(root_, "paths"), path),
                           absl::AsciiStrToLower(route.http_method));
    const MethodDescriptor& method = *route.method;
    // Unique, also for a method with several routes.
    int& uses = uses_[&method];
    Set(operation, "operationId",
        absl::StrCat(method.name(), ++uses > 1 ? absl::StrCat(uses) : ""));
    Set(operation, "tags", std::vector<std::string>{method.service()->name()});
    SetText(operation, "description", contract_.CommentOf(method));
    AddAccess(method, &operation);
    AddParameters(route, names, &operation);
    AddBody(route, &operation);
    AddResponses(route, &operation);
  }

  static void AddAccess(const MethodDescriptor& method, Object* operation) {
    const auto& policy = method.options().GetExtension(options::v1::policy);
    Object bearer;
    Set(bearer, "bearer", std::vector<std::string>());
    std::vector<Object> security = {bearer};
    // What is public needs no token, but knows whoever sends one.
    if (policy.access() == options::v1::ANYONE ||
        policy.access() == options::v1::READER ||
        policy.access() == options::v1::VIEWER) {
      security.push_back(Object());
    }
    Set(*operation, "security", std::move(security));
    Set(*operation, "x-praxis-access",
        options::v1::Access_Name(policy.access()));
  }

  void AddParameters(const Route& route, const std::vector<std::string>& names,
                     Object* operation) {
    std::vector<Object> parameters;
    for (const std::string& name : names) {
      Object schema;
      Set(schema, "type", "string");
      parameters.push_back(Parameter(name, "path", true, std::move(schema)));
    }
    if (route.body != Route::Body::kWhole) AddQuery(route, &parameters);
    AddHeaders(route, &parameters);
    Set(*operation, "parameters", std::move(parameters));
  }

  // What neither path nor body says may be asked in the query. The range of a
  // download comes as a header.
  void AddQuery(const Route& route, std::vector<Object>* parameters) {
    const std::set<std::string> in_path = FieldsInPath(route);
    const Descriptor& request = *route.method->input_type();
    for (int i = 0; i < request.field_count(); ++i) {
      const FieldDescriptor& field = *request.field(i);
      const bool in_body =
          route.body_field != nullptr && route.body_field->descriptor == &field;
      const bool is_range =
          field.message_type() == http::v1::ByteRange::descriptor();
      if (in_body || is_range || in_path.count(field.name()) > 0) continue;
      const bool required =
          field.options().GetExtension(options::v1::field).required();
      parameters->push_back(
          Parameter(field.json_name(), "query", required, schemas_.Of(field)));
    }
  }

  static void AddHeaders(const Route& route, std::vector<Object>* parameters) {
    const bool is_get = route.http_method == "GET";
    const Descriptor& request = *route.method->input_type();
    const FieldDescriptor* body =
        route.body_field == nullptr ? nullptr : route.body_field->descriptor;
    const bool has_etag =
        request.FindFieldByName("etag") != nullptr ||
        (body != nullptr && body->message_type() != nullptr &&
         body->message_type()->FindFieldByName("etag") != nullptr);
    if (has_etag && !is_get) {
      parameters->push_back(HeaderParameter(
          "If-Match",
          "The etag that the object must still have, in quotes; "
          "412 if it has another."));
    }
    if (request.FindFieldByName("request_id") != nullptr) {
      parameters->push_back(HeaderParameter(
          "Idempotency-Key",
          "Instead of request_id: a retry with the same key acts once."));
    }
    if (is_get &&
        (IsStreamedBody(route.method->output_type()) ||
         route.method->output_type()->FindFieldByName("etag") != nullptr)) {
      parameters->push_back(HeaderParameter(
          "If-None-Match", "Etags that are known already; 304 if one is it."));
    }
    if (IsStreamedBody(route.method->output_type())) {
      parameters->push_back(
          HeaderParameter("Range", "One range of bytes, as in RFC 9110."));
    }
    parameters->push_back(HeaderParameter(
        "X-Request-Timeout",
        "How long the call may take: seconds, or \"500ms\"; at most 300 s."));
  }

  // A body that is the whole request leaves out what the path says.
  void AddBody(const Route& route, Object* operation) {
    if (route.body == Route::Body::kNone) return;
    const Descriptor& request = *route.method->input_type();
    Object& body = In(*operation, "requestBody");
    if (route.body == Route::Body::kWhole) {
      Set(body, "content",
          Content("application/json",
                  schemas_.WithoutFields(request, FieldsInPath(route))));
      return;
    }
    Set(body, "required", true);
    const FieldDescriptor& field = *route.body_field->descriptor;
    if (IsStreamedBody(field.message_type())) {
      Set(body, "content", Content("*/*", Binary()));
    } else if (field.message_type() != nullptr && !field.is_repeated() &&
               route.http_method != "PATCH") {
      Set(body, "content",
          Content("application/json", schemas_.WholeOf(*field.message_type())));
    } else {
      Set(body, "content", Content("application/json", schemas_.Of(field)));
    }
  }

  void AddResponses(const Route& route, Object* operation) {
    Object& responses = In(*operation, "responses");
    Set(In(responses, "default"), "$ref", kErrorRef);
    Object& ok = In(responses, "200");
    Set(ok, "description", "OK");
    const Descriptor& response = *route.method->output_type();
    if (IsStreamedBody(&response)) {
      Set(ok, "content", Content("application/octet-stream", Binary()));
      Object part = Described("The range that was asked for.");
      Set(part, "content", Content("application/octet-stream", Binary()));
      Set(responses, "206", std::move(part));
    } else if (route.method->server_streaming()) {
      Set(ok, "content",
          Content("application/x-ndjson", schemas_.Of(response)));
    } else {
      Set(ok, "content",
          Content("application/json",
                  route.response_field == nullptr
                      ? schemas_.Of(response)
                      : schemas_.Of(*route.response_field->descriptor)));
    }
  }

  // {"error": {code, status, message, details}} of AIP-193.
  static Object ErrorSchema() {
    Object error;
    Set(error, "type", "object");
    Set(error, "required",
        std::vector<std::string>{"code", "status", "message", "details"});
    Object& properties = In(error, "properties");
    Set(In(properties, "code"), "type", "integer");
    Set(In(properties, "code"), "description", "The HTTP status.");
    Set(In(properties, "status"), "type", "string");
    Set(In(properties, "status"), "description",
        "The name of the google.rpc.Code.");
    Set(In(properties, "message"), "type", "string");
    Object& details = In(properties, "details");
    Set(details, "type", "array");
    Object& detail = In(details, "items");
    Set(detail, "type", "object");
    Set(detail, "required", std::vector<std::string>{"@type"});
    Set(In(In(detail, "properties"), "@type"), "type", "string");
    Object& reason = In(In(detail, "properties"), "reason");
    Set(reason, "description", "Of a google.rpc.ErrorInfo: what went wrong.");
    std::vector<std::string> reasons;
    const auto* type = errors::v1::Reason_descriptor();
    for (int i = 1; i < type->value_count(); ++i) {
      reasons.push_back(type->value(i)->name());
    }
    Set(reason, "enum", std::move(reasons));
    Object schema;
    Set(schema, "type", "object");
    Set(schema, "required", std::vector<std::string>{"error"});
    Set(In(schema, "properties"), "error", std::move(error));
    return schema;
  }

  const Contract& contract_;
  Schemas schemas_;
  std::map<const MethodDescriptor*, int> uses_;
  Object root_;
};

}  // namespace

std::string OpenApiDocument(
    const std::vector<std::unique_ptr<const Route>>& routes,
    const Contract& contract, absl::string_view version) {
  return Document(routes, contract).Json(version);
}

}  // namespace praxis::gateway
