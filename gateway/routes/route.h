#ifndef GATEWAY_ROUTES_ROUTE_H_
#define GATEWAY_ROUTES_ROUTE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/routes/field_path.h"
#include "gateway/routes/path_template.h"
#include "gateway/transcode/message_schema.h"

namespace google::api {
class HttpRule;
}  // namespace google::api
namespace google::protobuf {
class MethodDescriptor;
}  // namespace google::protobuf

namespace praxis::gateway {

// One way to call one RPC over HTTP: a google.api.http rule, or one of its
// additional bindings, checked against the method's messages; or the RPC's own
// path.
struct Route {
  enum class Body {
    kNone,   // there is no body
    kField,  // it is one field of the request
    kWhole,  // it is the request, less what is in the path
  };

  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method;  // "GET", or "*" for any
  std::string path_text;    // the template as it was written
  PathTemplate path;
  std::vector<FieldPath> variables;  // of path.variables, in their order

  const MessageSchema* request = nullptr;
  const MessageSchema* response = nullptr;
  Body body = Body::kNone;
  const FieldSchema* body_field = nullptr;      // of Body::kField
  const FieldSchema* response_field = nullptr;  // null: the whole response
  // "/package.Service/Method": which protocol a request speaks is up to it.
  bool is_rpc = false;
  // The request's update_mask, to be filled from the body of a PATCH.
  const FieldSchema* update_mask = nullptr;

  // INTERNAL if the rule is no good for the method: a bad template, fields that
  // are not there or not of the right kind, a body where HTTP has none. What
  // `rule` says of additional bindings is not looked at.
  static absl::StatusOr<Route> Make(
      const google::protobuf::MethodDescriptor* method,
      const google::api::HttpRule& rule, SchemaSet* schemas);

  // The method's own path: POST with a message, GET if it only reads.
  static Route MakeRpc(const google::protobuf::MethodDescriptor* method,
                       absl::string_view http_method, SchemaSet* schemas);
};

}  // namespace praxis::gateway

#endif  // GATEWAY_ROUTES_ROUTE_H_
