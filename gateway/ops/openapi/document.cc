#include "gateway/ops/openapi/document.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gateway/ops/openapi/error_schemas.h"
#include "gateway/ops/openapi/examples.h"
#include "gateway/ops/openapi/object.h"
#include "gateway/ops/openapi/operation_object.h"
#include "gateway/ops/openapi/schema.h"
#include "gateway/ops/openapi/shared_parts.h"
#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"

namespace praxis::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using Routes = std::vector<std::unique_ptr<const Route>>;

constexpr char kDescription[] =
    R"(The backend of communities of practice: people who share a concern, help
each other with real problems, and build up a shared practice.

**Signing in.** Register (`POST /v1/members:register`) or sign in
(`POST /v1/sessions`), and send the access token as
`Authorization: Bearer TOKEN`. It is good for ten minutes at most;
`POST /v1/sessions:refresh` changes the refresh token for new ones.

**Who may call.** The scope of a method is the community in its path: how far
that is seen and the caller's role in it decide.

**Errors.** Every failure is an Error (AIP-193), or a Problem (RFC 9457) if
`Accept` prefers `application/problem+json`. Its first detail is a
google.rpc.ErrorInfo whose `reason` never changes its meaning.

**Pages.** Lists take `pageSize` and answer `nextPageToken`, which is the next
call's `pageToken`; it is not there on the last page.

**Changes.** What was read has an etag: send it as `If-Match` and a change of
something that has changed meanwhile is refused. The body of a `PATCH` names the
fields it changes; `updateMask` may say it instead. A write that is sent again
with the same `Idempotency-Key` acts once.

**Reading less.** `fields=name,etag` leaves all other fields of an answer out.
`If-None-Match` answers 304 while nothing has changed.

`HEAD` is answered wherever `GET` is, and `OPTIONS` everywhere. The same methods
are served as gRPC, and here as Connect and gRPC-Web.)";

std::set<const Descriptor*> PatchedTypes(const Routes& routes) {
  std::set<const Descriptor*> types;
  for (const auto& route : routes) {
    if (route->http_method == "PATCH" && route->body_field != nullptr) {
      types.insert(route->body_field->descriptor->message_type());
    }
  }
  return types;
}

Object Info(absl::string_view version) {
  Object info;
  Set(info, "title", "Praxis");
  Set(info, "version", version);
  Set(info, "summary", "Communities of practice.");
  Set(info, "description", kDescription);
  Set(In(info, "contact"), "name", "The operators of this server");
  Set(In(info, "license"), "name", "Apache 2.0");
  Set(In(info, "license"), "identifier", "Apache-2.0");
  return info;
}

Object BearerScheme() {
  Object bearer =
      Described("The access token of SessionTokens or RegisterMemberResponse.");
  Set(bearer, "type", "http");
  Set(bearer, "scheme", "bearer");
  Set(bearer, "bearerFormat", "JWT");
  return bearer;
}

// A tag for each service, in their order.
std::vector<Object> Tags(const Routes& routes, const Contract& contract) {
  std::vector<Object> tags;
  const ServiceDescriptor* last = nullptr;
  for (const auto& route : routes) {
    const ServiceDescriptor* service = route->method->service();
    if (service == last) continue;
    last = service;
    Object tag;
    Set(tag, "name", service->name());
    SetText(tag, "description", contract.CommentOf(*service));
    tags.push_back(std::move(tag));
  }
  return tags;
}

// Whether OpenAPI has a place for operations of this HTTP method.
bool IsListed(const std::string& http_method) {
  static const auto& kMethods =
      *new std::set<std::string>{"GET", "PUT", "POST", "DELETE", "PATCH"};
  return kMethods.count(http_method) > 0;
}

// One operation for each route; additional bindings have their own.
Object Paths(const Routes& routes, Parts& parts) {
  Object paths;
  std::map<const MethodDescriptor*, int> uses;
  for (const auto& route : routes) {
    if (!IsListed(route->http_method)) continue;
    Object operation = OperationObject(*route, parts);
    // Unique, also for a method with several routes.
    const int use = ++uses[route->method];
    Set(operation, "operationId",
        absl::StrCat(route->method->name(), use > 1 ? absl::StrCat(use) : ""));
    std::vector<std::string> names;
    Set(In(paths, OpenApiPath(route->path, &names)),
        absl::AsciiStrToLower(route->http_method), std::move(operation));
  }
  return paths;
}

}  // namespace

std::string OpenApiDocument(const Routes& routes, const Contract& contract,
                            absl::string_view version) {
  const Examples examples(contract);
  Schemas schemas(contract, PatchedTypes(routes));
  SharedParts shared(contract);
  Parts parts{contract, examples, schemas, shared};
  Object root;
  Set(root, "openapi", "3.1.0");
  Set(root, "info", Info(version));
  Object server = Described("This server.");
  Set(server, "url", "/");
  Set(root, "servers", std::vector<Object>{std::move(server)});
  Set(root, "tags", Tags(routes, contract));
  Set(root, "paths", Paths(routes, parts));

  Object& components = In(root, "components");
  Set(In(components, "securitySchemes"), "bearer", BearerScheme());
  shared.AddTo(&components);
  Set(components, "schemas", schemas.components());
  AddErrorSchemas(&In(components, "schemas"));

  std::string json;
  SchemaSet types;
  const absl::Status written = WriteJson(types.Get(Object::descriptor()),
                                         root.SerializeAsString(), &json);
  return written.ok() ? json : "{}";  // a comment that is not UTF-8
}

}  // namespace praxis::gateway
