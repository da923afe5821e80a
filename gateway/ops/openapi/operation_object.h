// One operation of the document.
#ifndef GATEWAY_OPS_OPENAPI_OPERATION_OBJECT_H_
#define GATEWAY_OPS_OPENAPI_OPERATION_OBJECT_H_

#include <string>
#include <vector>

#include "gateway/ops/openapi/contract.h"
#include "gateway/ops/openapi/examples.h"
#include "gateway/ops/openapi/object.h"
#include "gateway/ops/openapi/schema.h"
#include "gateway/ops/openapi/shared_parts.h"
#include "gateway/routes/route.h"

namespace praxis::gateway {

// What operations are described with.
struct Parts {
  const Contract& contract;
  const Examples& examples;
  Schemas& schemas;
  SharedParts& shared;
};

// The template of a route as OpenAPI writes it: a name for each "*", told from
// the collection before it, "/v1/{name=communities/*/threads/*}:resolve" is
// "/v1/communities/{community}/threads/{thread}:resolve". Names go to `names`.
std::string OpenApiPath(const PathTemplate& path,
                        std::vector<std::string>* names);

// A route as an Operation Object, all but its operationId. Adds to the parts
// what it refers to.
Object OperationObject(const Route& route, Parts& parts);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_OPERATION_OBJECT_H_
