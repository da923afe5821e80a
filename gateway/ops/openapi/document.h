// The OpenAPI document.
#ifndef GATEWAY_OPS_OPENAPI_DOCUMENT_H_
#define GATEWAY_OPS_OPENAPI_DOCUMENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gateway/ops/openapi/contract.h"
#include "gateway/routes/route.h"

namespace praxis::gateway {

// OpenAPI 3.1 of these routes, as JSON: a path for each, with what the contract
// says of the method and its messages. `version` is that of the suite.
std::string OpenApiDocument(
    const std::vector<std::unique_ptr<const Route>>& routes,
    const Contract& contract, absl::string_view version);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_OPENAPI_DOCUMENT_H_
