// praxis-gateway: the suite's HTTP/JSON API, in front of its gRPC services.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway/flags.h"
#include "gateway/server.h"
#include "gateway/upstream/remote/remote.h"
#include "services/common/auth/service_credential.h"
#include "services/common/config/config.h"
#include "services/common/config/shutdown.h"
#include "services/common/config/telemetry_flags.h"
#include "services/common/config/version.h"
#include "services/common/events/source.h"
#include "services/common/program/authority.h"
#include "services/common/program/program.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/channelz.h"
#include "services/common/rpc/grpc/event_source.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/access_log.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/telemetry/process_metrics.h"
#include "services/common/telemetry/tracer.h"

namespace praxis::gateway {
namespace {

constexpr char kProgram[] = "praxis-gateway";

struct Options {
  std::string address = "127.0.0.1";
  int port = 8080;
  int threads = 2;
  absl::Duration drain_grace = absl::Seconds(5);
  Flags http;
  std::string members = "127.0.0.1:8091";
  std::string discussions = "127.0.0.1:8092";
  std::string resources = "127.0.0.1:8093";
  int backend_calls_max = 1000;
  std::string credential;
  config::TelemetryOptions telemetry;
  // All of these, to be shown.
  std::string config;
};

Options ParseFlags(int argc, char** argv) {
  Options options;
  config::Config config(kProgram,
                        "Serves the suite's HTTP/JSON API, in front of its "
                        "gRPC services.");
  config.Section("Network");
  config.String("address", &options.address,
                "Address of this machine to listen on; 0.0.0.0 or :: is all.");
  config.Port("port", &options.port, "Port to listen on.");
  config.Int("threads", &options.threads, 1, 64,
             "Threads that read and answer requests.");
  config.Duration("drain_grace", &options.drain_grace, absl::ZeroDuration(),
                  absl::Minutes(5),
                  "How long to serve on after SIGTERM, until load balancers "
                  "have looked away.");
  AddFlags(config, &options.http);
  config.Section("Services");
  config.Addresses("members", &options.members,
                   "Where praxis-members serves gRPC. Calls go round all "
                   "addresses, of a list or of a name.");
  config.Addresses("discussions", &options.discussions,
                   "Where praxis-discussions serves gRPC.");
  config.Addresses("resources", &options.resources,
                   "Where praxis-resources serves gRPC.");
  config.Int("backend_calls_max", &options.backend_calls_max, 1, 1'000'000,
             "Calls of one service that may be under way; one more is refused. "
             "Streams are not counted.");
  config.String("service_credential", &options.credential,
                "File with the services' shared secret, to hear of changes: "
                "without it no answers are kept.");
  config::AddTelemetryFlags(config, &options.telemetry);
  config.ParseOrExit(argc, argv);
  options.config = config.Json();
  return options;
}

GatewayServer::Backend BackendAt(const std::string& name,
                                 const std::string& addresses,
                                 const Options& options,
                                 telemetry::Registry& registry) {
  return {std::make_unique<Remote>(
              name, addresses, registry,
              Breaker::Options{.calls_max = options.backend_calls_max}),
          ServicesOf("praxis." + name + ".v1")};
}

// What the services tell of their changes.
class Events {
 public:
  Events(const Options& options, const auth::ServiceCredential& credential)
      : members_(options.members, "services/members", credential,
                 "services/gateway"),
        discussions_(rpc::OpenChannel(options.discussions), members_.token(),
                     "services/discussions"),
        resources_(rpc::OpenChannel(options.resources), members_.token(),
                   "services/resources") {}

  std::vector<events::Source*> Sources() {
    return {&members_.events(), &discussions_, &resources_};
  }

 private:
  program::Authority members_;
  rpc::GrpcSource discussions_;
  rpc::GrpcSource resources_;
};

// Null without a credential.
absl::StatusOr<std::unique_ptr<Events>> FollowEvents(const Options& options,
                                                     telemetry::Log& log) {
  if (options.credential.empty()) {
    log.Info("no answers are kept: there is no --service_credential");
    return nullptr;
  }
  ASSIGN_OR_RETURN(const auth::ServiceCredential credential,
                   auth::ServiceCredential::Open(options.credential));
  return std::make_unique<Events>(options, credential);
}

// Serves until a signal comes.
absl::Status Serve(const Options& options, telemetry::Log& log,
                   config::Shutdown& shutdown) {
  telemetry::Registry registry;
  telemetry::AddProcessMetrics(registry);
  telemetry::AccessLog requests(log, options.telemetry.access_log);
  telemetry::Tracer tracer(options.telemetry.traces, log, registry);

  GatewayServer::Options gateway;
  gateway.http.address = options.address;
  gateway.http.port = options.port;
  gateway.http.threads = options.threads;
  gateway.program = kProgram;
  gateway.version = std::string(config::Version());
  gateway.tracer = &tracer;
  gateway.program_log = &log;
  gateway.config = options.config;
  gateway.channelz = rpc::ChannelzJson;
  Apply(options.http, &gateway);
  ASSIGN_OR_RETURN(const std::unique_ptr<Events> events,
                   FollowEvents(options, log));
  if (events != nullptr) gateway.events = events->Sources();
  gateway.backends.push_back(
      BackendAt("members", options.members, options, registry));
  gateway.backends.push_back(
      BackendAt("discussions", options.discussions, options, registry));
  gateway.backends.push_back(
      BackendAt("resources", options.resources, options, registry));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<GatewayServer> server,
      GatewayServer::Start(std::move(gateway), registry, &requests));
  log.Info("serving", {{"address", options.address},
                       {"port", server->port()},
                       {"admin_port", server->admin_port()},
                       {"version", config::Version()}});
  shutdown.Wait();
  log.Info("draining");
  server->Drain(options.drain_grace);
  log.Info("stopped");
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  config::Shutdown shutdown;
  const Options options = ParseFlags(argc, argv);
  return program::Run(kProgram, options.telemetry, [&](telemetry::Log& log) {
    return Serve(options, log, shutdown);
  });
}

}  // namespace
}  // namespace praxis::gateway

int main(int argc, char** argv) { return praxis::gateway::Main(argc, argv); }
