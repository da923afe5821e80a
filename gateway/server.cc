#include "gateway/server.h"

#include <set>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "gateway/cache/response_cache.h"
#include "gateway/docs/docs.h"
#include "gateway/gateway.h"
#include "gateway/http/tls.h"
#include "gateway/ops/admin.h"
#include "gateway/ops/metered_upstream.h"
#include "gateway/ops/openapi/contract.h"
#include "gateway/ops/openapi/document.h"
#include "gateway/ops/pages.h"
#include "gateway/ops/probes.h"
#include "gateway/ops/status/page.h"
#include "gateway/ops/status/sampler.h"
#include "gateway/routes/route_table.h"
#include "gateway/transcode/message_schema.h"
#include "google/protobuf/descriptor.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {
namespace {

// Read once: it takes some milliseconds.
const Contract& TheContract() {
  static const Contract* contract = new Contract;
  return *contract;
}

// The paths of the routes whose calls last as long as somebody wants.
std::set<std::string> StreamsOf(const RouteTable& routes) {
  std::set<std::string> streams;
  for (const auto& route : routes.routes()) {
    if (route->method->server_streaming() ||
        route->method->client_streaming()) {
      streams.insert(route->path_text);
    }
  }
  return streams;
}

// The same, their calls counted by the package that they serve.
std::vector<GatewayServer::Backend> Metered(
    std::vector<GatewayServer::Backend> backends,
    telemetry::Registry& registry) {
  for (GatewayServer::Backend& backend : backends) {
    if (backend.services.empty()) continue;
    backend.upstream = std::make_unique<MeteredUpstream>(
        std::move(backend.upstream), registry,
        backend.services.front()->file()->package());
  }
  return backends;
}

}  // namespace

// Null: in the clear.
absl::StatusOr<std::unique_ptr<TlsIdentity>> OpenTls(
    const GatewayServer::Options& options, telemetry::Registry& registry) {
  if (options.tls_certificate_file.empty() && options.tls_key_file.empty()) {
    return nullptr;
  }
  if (options.tls_certificate_file.empty() || options.tls_key_file.empty()) {
    return absl::InvalidArgumentError(
        "--tls_cert and --tls_key belong together: give both, or neither to "
        "serve in the clear");
  }
  return TlsIdentity::Open(
      {.certificate_file = options.tls_certificate_file,
       .key_file = options.tls_key_file,
       .changed =
           [log = options.program_log](const absl::Status& status) {
             if (log == nullptr) return;
             status.ok() ? log->Info("tls: a new certificate is in use")
                         : log->Error("tls: the certificate is not replaced",
                                      {{"detail", status.message()}});
           }},
      registry);
}

// In the order in which they lean on each other.
struct GatewayServer::Parts {
  std::vector<Backend> backends;
  SchemaSet schemas;
  std::unique_ptr<ResponseCache> cache;
  std::shared_ptr<HealthChecks> checks;
  std::unique_ptr<Probes> probes;
  std::unique_ptr<Sampler> sampler;
  std::unique_ptr<Gateway> gateway;
  std::unique_ptr<TlsIdentity> tls;
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<Admin> admin;
  std::unique_ptr<HttpServer> admin_http;

  std::unique_ptr<Pages> MakePages(const Options& options,
                                   telemetry::Registry& registry, bool details);
  absl::Status StartAdmin(const Options& options,
                          telemetry::Registry& registry);
};

// `details` tell how the house is built.
std::unique_ptr<Pages> GatewayServer::Parts::MakePages(
    const Options& options, telemetry::Registry& registry, bool details) {
  auto pages = std::make_unique<Pages>(registry);
  probes->AddTo(pages.get(), details);
  AddVersion(options.program, options.version, pages.get());
  if (!details) return pages;
  AddMetrics(registry, pages.get());
  AddStatusPage({.program = options.program, .version = options.version},
                checks, sampler->history(), registry, pages.get());
  return pages;
}

absl::Status GatewayServer::Parts::StartAdmin(const Options& options,
                                              telemetry::Registry& registry) {
  if (!options.admin_port.has_value()) return absl::OkStatus();
  std::unique_ptr<Pages> pages = MakePages(options, registry, /*details=*/true);
  pages->AddText("/config", "application/json", options.config);
  if (options.channelz) AddChannelz(options.channelz, pages.get());
  admin = std::make_unique<Admin>(std::move(pages));
  ASSIGN_OR_RETURN(admin_http,
                   HttpServer::Start({.address = options.admin_address,
                                      .port = *options.admin_port,
                                      .threads = 1},
                                     *admin));
  return absl::OkStatus();
}

GatewayServer::GatewayServer(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}

GatewayServer::~GatewayServer() = default;

absl::StatusOr<std::unique_ptr<GatewayServer>> GatewayServer::Start(
    Options options, telemetry::Registry& registry, telemetry::AccessLog* log) {
  auto parts = std::make_unique<Parts>();
  parts->backends = Metered(std::move(options.backends), registry);
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  std::vector<Upstream*> upstreams;
  Gateway::Options gateway{.cors_origins = std::move(options.cors_origins),
                           .admission = options.admission,
                           .log = log,
                           .tracer = options.tracer,
                           .stream_age = options.stream_age};
  if (!options.events.empty() && options.cache_bytes > 0) {
    parts->cache = std::make_unique<ResponseCache>(
        ResponseCache::Options{.bytes_max = options.cache_bytes},
        options.events, registry);
    gateway.cache = parts->cache.get();
  }
  for (const Backend& backend : parts->backends) {
    upstreams.push_back(backend.upstream.get());
    gateway.backends.push_back({backend.upstream.get(), backend.services});
    services.insert(services.end(), backend.services.begin(),
                    backend.services.end());
  }
  ASSIGN_OR_RETURN(RouteTable routes,
                   RouteTable::Build(services, &parts->schemas));
  parts->checks = std::make_shared<HealthChecks>(std::move(upstreams));
  parts->probes = std::make_unique<Probes>(parts->checks);
  std::string document =
      OpenApiDocument(routes.routes(), TheContract(), options.version);
  // Behind the document, which describes the rules alone.
  RETURN_IF_ERROR(routes.AddRpcs(services, &parts->schemas));
  parts->sampler =
      std::make_unique<Sampler>(parts->checks, registry, StreamsOf(routes));
  std::unique_ptr<Pages> pages = parts->MakePages(
      options, registry, /*details=*/!options.admin_port.has_value());
  pages->AddText("/openapi.json", "application/json", std::move(document));
  if (options.docs) AddDocs(pages.get());
  ASSIGN_OR_RETURN(
      parts->gateway,
      Gateway::Make(std::move(gateway),
                    std::make_unique<RouteTable>(std::move(routes)),
                    std::move(pages), registry));
  ASSIGN_OR_RETURN(options.http.proxies,
                   TrustedProxies::Parse(options.trusted_proxies));
  ASSIGN_OR_RETURN(parts->tls, OpenTls(options, registry));
  options.http.tls = parts->tls.get();
  options.http.handshake_rate = options.admission.address_rate;
  options.http.connections = &registry.FindGauge(
      "praxis_gateway_connections", "Client connections that are open.");
  options.http.requests_waiting =
      &registry.FindGauge("praxis_gateway_requests_waiting",
                          "Requests that are worked on for their answer.");
  ASSIGN_OR_RETURN(parts->http,
                   HttpServer::Start(options.http, *parts->gateway));
  RETURN_IF_ERROR(parts->StartAdmin(options, registry));
  return std::unique_ptr<GatewayServer>(new GatewayServer(std::move(parts)));
}

int GatewayServer::port() const { return parts_->http->port(); }
int GatewayServer::admin_port() const {
  return parts_->admin_http == nullptr ? 0 : parts_->admin_http->port();
}

// Readiness goes first: while it is noticed, everything is served.
void GatewayServer::Drain(absl::Duration grace, absl::Duration limit) {
  parts_->probes->Stop();
  parts_->http->Drain();
  absl::SleepFor(grace);
  parts_->gateway->EndStreams();
  parts_->http->Stop(limit);
}

std::vector<const google::protobuf::ServiceDescriptor*> ServicesOf(
    absl::string_view package) {
  return TheContract().ServicesOf(package);
}

}  // namespace praxis::gateway
