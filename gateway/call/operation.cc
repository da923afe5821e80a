#include "gateway/call/operation.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "praxis/http/v1/body.pb.h"
#include "praxis/options/v1/options.pb.h"

namespace praxis::gateway {
namespace {

// Whether a field holds one message of a type.
bool Holds(const FieldSchema* field, const google::protobuf::Descriptor* type) {
  return field != nullptr && field->cardinality == Cardinality::kSingular &&
         field->kind == FieldKind::kMessage &&
         field->message->descriptor == type;
}

// A single value by its name; null if it is not there or of another kind.
const FieldSchema* FieldNamed(const MessageSchema& schema, FieldKind kind,
                              absl::string_view name) {
  const FieldSchema* field = schema.FindName(name);
  return field != nullptr && field->kind == kind &&
                 field->cardinality == Cardinality::kSingular
             ? field
             : nullptr;
}
const FieldSchema* StringNamed(const MessageSchema& schema,
                               absl::string_view name) {
  return FieldNamed(schema, FieldKind::kString, name);
}

std::optional<FieldPath> PathTo(const MessageSchema& schema,
                                absl::string_view name) {
  if (StringNamed(schema, name) == nullptr) return std::nullopt;
  return FieldPath::Resolve(schema, name);
}

// The etag of the resource that is the body, else the request's own.
std::optional<FieldPath> EtagPath(const Route& route) {
  if (route.body_field != nullptr && route.body_field->message != nullptr &&
      StringNamed(*route.body_field->message, "etag") != nullptr) {
    return FieldPath::Resolve(
        *route.request,
        absl::StrCat(route.body_field->descriptor->name(), ".etag"));
  }
  return PathTo(*route.request, "etag");
}

std::optional<size_t> ScopeVariable(const Route& route) {
  const std::string& scope =
      route.method->options().GetExtension(options::v1::policy).scope();
  const std::vector<PathTemplate::Variable>& variables = route.path.variables;
  for (size_t i = 0; i < variables.size(); ++i) {
    if (variables[i].field_path == scope) return i;
  }
  return std::nullopt;
}

// Which way a route's requests and answers take, told from the method's types.
absl::StatusOr<Shape> ShapeOf(const Route& route) {
  if (route.is_rpc) {
    return route.method->server_streaming() ? Shape::kRpcStream
                                            : Shape::kRpcUnary;
  }
  const auto* chunk = http::v1::BodyChunk::descriptor();
  const bool streams_up = route.method->client_streaming();
  const bool streams_down = route.method->server_streaming();
  if (streams_up && streams_down) {
    return absl::FailedPreconditionError("HTTP/1.1 has no streams both ways");
  }
  if (streams_up) {
    if (Holds(route.body_field, chunk)) return Shape::kUpload;
    return absl::FailedPreconditionError(
        "the body of a client stream must be a praxis.http.v1.BodyChunk");
  }
  if (!streams_down) return Shape::kUnary;
  return route.response->descriptor == chunk ? Shape::kDownload
                                             : Shape::kMessages;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Operation>> Operation::Make(
    const Route& route, std::unique_ptr<Endpoint> endpoint,
    telemetry::Registry& registry) {
  const absl::StatusOr<Shape> shape = ShapeOf(route);
  if (!shape.ok()) return shape.status();
  std::unique_ptr<Operation> made(
      new Operation{route, *shape, std::move(endpoint),
                    RouteMetrics(registry, route.path_text, route.http_method,
                                 route.method->file()->package())});
  made->request_id = PathTo(*route.request, "request_id");
  made->etag = EtagPath(route);
  made->response_etag = StringNamed(*route.response, "etag");
  if (made->shape == Shape::kMessages || made->shape == Shape::kRpcStream) {
    made->event_number =
        FieldNamed(*route.response, FieldKind::kInt64, "number");
    made->event_type = StringNamed(*route.response, "type");
    if (FieldNamed(*route.request, FieldKind::kInt64, "after") != nullptr) {
      made->after = FieldPath::Resolve(*route.request, "after");
    }
  }
  made->scope_variable = ScopeVariable(route);
  for (const FieldSchema& field : route.request->fields) {
    if (!Holds(&field, http::v1::ByteRange::descriptor())) continue;
    const std::string& name = field.descriptor->name();
    made->range_offset =
        FieldPath::Resolve(*route.request, absl::StrCat(name, ".offset"));
    made->range_limit =
        FieldPath::Resolve(*route.request, absl::StrCat(name, ".limit"));
  }
  return made;
}

}  // namespace praxis::gateway
