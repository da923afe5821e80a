// What a route answers.
#ifndef GATEWAY_OPS_OPENAPI_RESPONSES_H_
#define GATEWAY_OPS_OPENAPI_RESPONSES_H_

#include "gateway/ops/openapi/object.h"
#include "gateway/ops/openapi/operation_object.h"
#include "gateway/routes/route.h"

namespace praxis::gateway {

// A Responses Object: by status, what is answered when all is well, and the
// errors that the method's policy, fields and comment ("Reasons: NAME_TAKEN")
// tell of. All others are under "default".
Object ResponsesOf(const Route& route, Parts& parts);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_RESPONSES_H_
