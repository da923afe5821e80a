#include "gateway/server.h"

#include <utility>

#include "absl/time/clock.h"
#include "gateway/gateway.h"
#include "gateway/ops/openapi/contract.h"
#include "gateway/ops/openapi/document.h"
#include "gateway/ops/pages.h"
#include "gateway/routes/route_table.h"
#include "gateway/transcode/message_schema.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// Read once: it takes some milliseconds.
const Contract& TheContract() {
  static const Contract* contract = new Contract;
  return *contract;
}

}  // namespace

// In the order in which they lean on each other.
struct GatewayServer::Parts {
  std::vector<Backend> backends;
  SchemaSet schemas;
  std::unique_ptr<Gateway> gateway;
  std::unique_ptr<HttpServer> http;
};

GatewayServer::GatewayServer(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}

GatewayServer::~GatewayServer() = default;

absl::StatusOr<std::unique_ptr<GatewayServer>> GatewayServer::Start(
    Options options, telemetry::Registry& registry, telemetry::AccessLog* log) {
  auto parts = std::make_unique<Parts>();
  parts->backends = std::move(options.backends);
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  std::vector<Upstream*> upstreams;
  Gateway::Options gateway{.cors_origins = std::move(options.cors_origins),
                           .log = log};
  for (const Backend& backend : parts->backends) {
    upstreams.push_back(backend.upstream.get());
    gateway.backends.push_back({backend.upstream.get(), backend.services});
    services.insert(services.end(), backend.services.begin(),
                    backend.services.end());
  }
  ASSIGN_OR_RETURN(RouteTable routes,
                   RouteTable::Build(services, &parts->schemas));
  auto pages = std::make_unique<Pages>(
      Pages::Options{.program = std::move(options.program),
                     .version = options.version,
                     .openapi = OpenApiDocument(routes.routes(), TheContract(),
                                                options.version)},
      registry, std::make_shared<HealthChecks>(std::move(upstreams)));
  ASSIGN_OR_RETURN(
      parts->gateway,
      Gateway::Make(std::move(gateway),
                    std::make_unique<RouteTable>(std::move(routes)),
                    std::move(pages), registry));
  options.http.connections = &registry.FindGauge(
      "praxis_gateway_connections", "Client connections that are open.");
  ASSIGN_OR_RETURN(parts->http,
                   HttpServer::Start(options.http, *parts->gateway));
  return std::unique_ptr<GatewayServer>(new GatewayServer(std::move(parts)));
}

int GatewayServer::port() const { return parts_->http->port(); }

// Readiness goes first: while it is noticed, everything is served.
void GatewayServer::Drain(absl::Duration grace, absl::Duration limit) {
  parts_->gateway->pages().Stop();
  parts_->http->Drain();
  absl::SleepFor(grace);
  parts_->http->Stop(limit);
}

std::vector<const google::protobuf::ServiceDescriptor*> ServicesOf(
    absl::string_view package) {
  return TheContract().ServicesOf(package);
}

}  // namespace praxis::gateway
