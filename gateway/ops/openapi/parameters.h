// What a request of a route is made of.
#ifndef GATEWAY_OPS_OPENAPI_PARAMETERS_H_
#define GATEWAY_OPS_OPENAPI_PARAMETERS_H_

#include <set>
#include <string>
#include <vector>

#include "gateway/ops/openapi/object.h"
#include "gateway/ops/openapi/operation_object.h"
#include "gateway/routes/route.h"

namespace praxis::gateway {

// Bytes that are not JSON: a body that the rule names, or an answer's.
bool IsRawBody(const google::protobuf::Descriptor* type);

// Whether it changes what has an etag: a field of the request, or of the object
// that a PATCH has for its body.
bool IsGuarded(const Route& route);

// The fields of the request's top level that the path fills.
std::set<std::string> FieldsInPath(const Route& route);

// Parameter Objects: path, query, headers. `names` is of OpenApiPath().
std::vector<Object> ParametersOf(const Route& route,
                                 const std::vector<std::string>& names,
                                 Parts& parts);

// The Request Body Object of a route that has a body.
Object RequestBodyOf(const Route& route, Parts& parts);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_PARAMETERS_H_
