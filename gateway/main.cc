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
#include "services/common/config/config.h"
#include "services/common/config/shutdown.h"
#include "services/common/config/telemetry_flags.h"
#include "services/common/config/version.h"
#include "services/common/program/program.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/access_log.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/telemetry/process_metrics.h"

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
  config::TelemetryOptions telemetry;
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
  config::AddTelemetryFlags(config, &options.telemetry);
  config.ParseOrExit(argc, argv);
  return options;
}

GatewayServer::Backend BackendAt(const std::string& name,
                                 const std::string& addresses) {
  return {std::make_unique<Remote>(name, addresses),
          ServicesOf("praxis." + name + ".v1")};
}

// Serves until a signal comes.
absl::Status Serve(const Options& options, telemetry::Log& log,
                   config::Shutdown& shutdown) {
  telemetry::Registry registry;
  telemetry::AddProcessMetrics(registry);
  telemetry::AccessLog requests(log, options.telemetry.access_log);

  GatewayServer::Options gateway;
  gateway.http.address = options.address;
  gateway.http.port = options.port;
  gateway.http.threads = options.threads;
  gateway.program = kProgram;
  gateway.version = std::string(config::Version());
  Apply(options.http, &gateway);
  gateway.backends.push_back(BackendAt("members", options.members));
  gateway.backends.push_back(BackendAt("discussions", options.discussions));
  gateway.backends.push_back(BackendAt("resources", options.resources));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<GatewayServer> server,
      GatewayServer::Start(std::move(gateway), registry, &requests));
  log.Info("serving", {{"address", options.address},
                       {"port", server->port()},
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
