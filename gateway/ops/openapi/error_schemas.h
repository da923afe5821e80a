// The forms of an error as JSON Schema.
#ifndef GATEWAY_OPS_OPENAPI_ERROR_SCHEMAS_H_
#define GATEWAY_OPS_OPENAPI_ERROR_SCHEMAS_H_

#include "gateway/ops/openapi/object.h"

namespace praxis::gateway {

// Adds "Error" (AIP-193: {"error": {code, status, message, details}}),
// "Problem" (RFC 9457) and "ErrorDetail", which both have, to
// #/components/schemas.
void AddErrorSchemas(Object* schemas);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_ERROR_SCHEMAS_H_
