// praxis: the whole suite in one process.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gateway/flags.h"
#include "gateway/server.h"
#include "gateway/upstream/in_process.h"
#include "services/common/auth/service_credential.h"
#include "services/common/auth/token.h"
#include "services/common/config/config.h"
#include "services/common/config/shutdown.h"
#include "services/common/config/version.h"
#include "services/common/events/log.h"
#include "services/common/events/server/server.h"
#include "services/common/ops/server/server.h"
#include "services/common/ops/status_board.h"
#include "services/common/program/program.h"
#include "services/common/rpc/grpc/channelz.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/rpc/owned_host.h"
#include "services/common/status/status.h"
#include "services/discussions/server.h"
#include "services/members/server.h"
#include "services/resources/server.h"

namespace praxis::suite {
namespace {

constexpr char kProgram[] = "praxis";

struct Options {
  std::string address = "127.0.0.1";
  int port = 8080;
  int grpc_port = 8081;
  int http_threads = 2;
  absl::Duration drain_grace = absl::ZeroDuration();
  gateway::Flags http;
  program::StorageOptions storage;
  config::TelemetryOptions telemetry;
  // All of these, to be shown.
  std::string config;
};

Options ParseFlags(int argc, char** argv) {
  Options options;
  config::Config config(
      kProgram,
      "Serves a whole community server from one process: HTTP/JSON and gRPC, "
      "data in one folder, no other server needed.");
  config.Section("Network");
  config.String("address", &options.address,
                "Address of this machine to listen on; 0.0.0.0 or :: is all.");
  config.Port("port", &options.port, "Port of the HTTP/JSON API.");
  config.Port("grpc_port", &options.grpc_port, "Port of the gRPC API.");
  config.Int("http_threads", &options.http_threads, 1, 64,
             "Threads that read and answer HTTP requests.");
  config.Duration("drain_grace", &options.drain_grace, absl::ZeroDuration(),
                  absl::Minutes(5),
                  "How long to serve on after SIGTERM, until load balancers "
                  "have looked away.");
  gateway::AddFlags(config, &options.http);
  program::AddStorageFlags(
      config, &options.storage, "Folder that holds the databases and files.",
      "Folder that holds keys and other secrets; what is missing is made. By "
      "default DATA/secrets.");
  config::AddTelemetryFlags(config, &options.telemetry);
  config.ParseOrExit(argc, argv);
  options.config = config.Json();
  return options;
}

// The three services, and what they need of each other.
struct Services {
  std::unique_ptr<members::MembersServer> members;
  std::unique_ptr<discussions::DiscussionsServer> discussions;
  std::unique_ptr<resources::ResourcesServer> resources;
  std::unique_ptr<events::EventsServer> events;
  std::unique_ptr<ops::StatusBoard> board;
  std::unique_ptr<ops::StatusServer> status;
};

absl::StatusOr<Services> StartServices(
    const Options& options, const rpc::Host& host, auth::TokenSigner& signer,
    const auth::ServiceCredential& credential) {
  const std::string& data = options.storage.data;
  const std::string secrets = options.storage.SecretsDir();
  Services services;
  ASSIGN_OR_RETURN(services.members,
                   members::MembersServer::Start(
                       {.data_dir = data,
                        .secrets_dir = secrets,
                        .on_disk_failure = config::Shutdown::Request},
                       host, signer, credential));
  events::Log& authority = services.members->log();
  ASSIGN_OR_RETURN(services.discussions,
                   discussions::DiscussionsServer::Start(
                       {.data_dir = data,
                        .secrets_dir = secrets,
                        .on_disk_failure = config::Shutdown::Request},
                       host, authority));
  ASSIGN_OR_RETURN(services.resources,
                   resources::ResourcesServer::Start(
                       {.data_dir = data,
                        .secrets_dir = secrets,
                        .on_disk_failure = config::Shutdown::Request},
                       host, authority));
  services.events = std::make_unique<events::EventsServer>(
      std::vector<events::Log*>{&authority, &services.discussions->log(),
                                &services.resources->log()},
      host, services.members->sealer());
  services.board = std::make_unique<ops::StatusBoard>(
      std::vector<ops::Service>{{"members", services.members->Checks()},
                                {"discussions", services.discussions->Checks()},
                                {"resources", services.resources->Checks()}},
      config::Version());
  services.status = std::make_unique<ops::StatusServer>(*services.board, host);
  return services;
}

// One of the services, for the gateway.
template <typename Server>
gateway::GatewayServer::Backend BackendOf(const std::string& name,
                                          Server& server,
                                          const ops::StatusBoard& board) {
  return {std::make_unique<gateway::InProcess>(
              name, std::vector<rpc::Pipeline*>{&server.pipeline()},
              [&board, name] { return board.Of(name); }),
          gateway::ServicesOf(absl::StrCat("praxis.", name, ".v1"))};
}

template <typename Server>
rpc::GrpcServer::Served ServedOf(Server& server) {
  return {.pipeline = &server.pipeline(),
          .check = [&server] { return server.Check(); }};
}

absl::StatusOr<std::unique_ptr<gateway::GatewayServer>> StartGateway(
    const Options& options, Services& services, const rpc::Host& host) {
  gateway::GatewayServer::Options gateway;
  gateway.http.address = options.address;
  gateway.http.port = options.port;
  gateway.http.threads = options.http_threads;
  gateway.program = kProgram;
  gateway.version = std::string(config::Version());
  gateway.config = options.config;
  gateway.channelz = rpc::ChannelzJson;
  gateway::Apply(options.http, &gateway);
  gateway.events = {&services.members->log(), &services.discussions->log(),
                    &services.resources->log()};
  const ops::StatusBoard& board = *services.board;
  gateway.backends.push_back(BackendOf("members", *services.members, board));
  gateway.backends.push_back(
      BackendOf("discussions", *services.discussions, board));
  gateway.backends.push_back(
      BackendOf("resources", *services.resources, board));
  gateway.tracer = host.tracer;
  gateway.program_log = &host.log;
  return gateway::GatewayServer::Start(std::move(gateway), host.registry,
                                       &host.requests);
}

// What a person who has just started it wants to do next.
void PrintWelcome(const Options& options, int port, int grpc_port) {
  const std::string& address = options.address;
  const std::string url =
      absl::StrCat(options.http.tls_cert.empty() ? "http" : "https", "://",
                   address, ":", port);
  std::printf(
      "Praxis %s\n"
      "  HTTP/JSON  %s   (/docs, /status, /metrics)\n"
      "  gRPC       %s:%d   (reflection is on)\n\n"
      "Register someone and ask who you are, in one paste:\n\n"
      "  TOKEN=$(curl -s %s/v1/members:register -d '{\"handle\": "
      "\"ada'$RANDOM'\", \"email\": \"ada'$RANDOM'@example.org\", "
      "\"password\": \"a long enough one\"}' "
      "-H 'content-type: application/json' "
      "| sed 's/.*\"accessToken\":\"\\([^\"]*\\)\".*/\\1/')\n"
      "  curl -s %s/v1/members/me -H \"authorization: Bearer $TOKEN\"\n\n"
      "Ctrl-C ends it.\n",
      std::string(config::Version()).c_str(), url.c_str(), address.c_str(),
      grpc_port, url.c_str(), url.c_str());
  std::fflush(stdout);
}

absl::Status Serve(const Options& options, telemetry::Log& log,
                   config::Shutdown& shutdown) {
  RETURN_IF_ERROR(program::MakeFolders(options.storage));
  const std::string secrets = options.storage.SecretsDir();
  ASSIGN_OR_RETURN(const std::unique_ptr<auth::TokenSigner> signer,
                   auth::TokenSigner::Open(secrets + "/signing_key.pem",
                                           auth::TokenRules{}));
  ASSIGN_OR_RETURN(
      const auth::ServiceCredential credential,
      auth::ServiceCredential::Open(secrets + "/service_credential"));
  rpc::OwnedHost host(*signer, log, options.telemetry.access_log,
                      options.telemetry.traces, options.storage.workers,
                      options.storage.Rates());
  ASSIGN_OR_RETURN(Services services,
                   StartServices(options, host.host(), *signer, credential));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<rpc::GrpcServer> rim,
      rpc::GrpcServer::Start(
          {.address = absl::StrCat(options.address, ":", options.grpc_port),
           .served = {ServedOf(*services.members),
                      ServedOf(*services.discussions),
                      ServedOf(*services.resources),
                      {.pipeline = &services.events->pipeline()},
                      {.pipeline = &services.status->pipeline()}}}));
  ASSIGN_OR_RETURN(const std::unique_ptr<gateway::GatewayServer> gateway,
                   StartGateway(options, services, host.host()));
  PrintWelcome(options, gateway->port(), rim->port());
  log.Info("serving", {{"port", gateway->port()},
                       {"grpc_port", rim->port()},
                       {"admin_port", gateway->admin_port()},
                       {"version", config::Version()}});
  shutdown.Wait();
  log.Info("draining");
  gateway->Drain(options.drain_grace);
  rim->Drain(absl::ZeroDuration());
  log.Info("stopped");
  // A disk that failed is why it ends.
  RETURN_IF_ERROR(services.members->Check());
  RETURN_IF_ERROR(services.discussions->Check());
  return services.resources->Check();
}

int Main(int argc, char** argv) {
  config::Shutdown shutdown;
  const Options options = ParseFlags(argc, argv);
  return program::Run(kProgram, options.telemetry, [&](telemetry::Log& log) {
    return Serve(options, log, shutdown);
  });
}

}  // namespace
}  // namespace praxis::suite

int main(int argc, char** argv) { return praxis::suite::Main(argc, argv); }
