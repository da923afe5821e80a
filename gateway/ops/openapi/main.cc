// praxis-openapi: prints the OpenAPI document that gateways serve, for what
// checks it and for docs/api.md.
#include <cstdio>
#include <string>
#include <vector>

#include "gateway/ops/openapi/contract.h"
#include "gateway/ops/openapi/document.h"
#include "gateway/routes/route_table.h"
#include "gateway/transcode/message_schema.h"
#include "services/common/config/version.h"

namespace praxis::gateway {
namespace {

int Main() {
  const Contract contract;
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const char* package :
       {"praxis.members.v1", "praxis.discussions.v1", "praxis.resources.v1"}) {
    const auto more = contract.ServicesOf(package);
    services.insert(services.end(), more.begin(), more.end());
  }
  SchemaSet schemas;
  const absl::StatusOr<RouteTable> routes =
      RouteTable::Build(services, &schemas);
  if (!routes.ok()) {
    std::fprintf(stderr, "%s\n",
                 std::string(routes.status().message()).c_str());
    return 1;
  }
  std::puts(
      OpenApiDocument(routes->routes(), contract, config::Version()).c_str());
  return 0;
}

}  // namespace
}  // namespace praxis::gateway

int main() { return praxis::gateway::Main(); }
