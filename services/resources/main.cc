// praxis-resources: the resource library, over gRPC.
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "services/common/auth/service_credential.h"
#include "services/common/config/config.h"
#include "services/common/config/shutdown.h"
#include "services/common/events/server/server.h"
#include "services/common/program/authority.h"
#include "services/common/program/program.h"
#include "services/common/program/status_service.h"
#include "services/common/rpc/owned_host.h"
#include "services/common/status/status.h"
#include "services/resources/server.h"

namespace praxis::resources {
namespace {

constexpr char kProgram[] = "praxis-resources";

struct Options : program::ServiceOptions {
  std::string members = "127.0.0.1:8091";
};

Options ParseFlags(int argc, char** argv) {
  Options options;
  options.listen = "127.0.0.1:8093";
  config::Config config(kProgram, "Serves the resource library.");
  program::AddServiceFlags(
      config, &options, "Folder that holds resources.db and blobs/.",
      "Folder that holds service_credential and seal_resources; what is "
      "missing is made. By default DATA/secrets.");
  config.Section("Backends");
  config.Addresses("members", &options.members,
                   "Where members serves gRPC: its keys and its events.");
  config.ParseOrExit(argc, argv);
  return options;
}

absl::Status Serve(const Options& options, telemetry::Log& log,
                   config::Shutdown& shutdown) {
  RETURN_IF_ERROR(program::MakeFolders(options));
  ResourcesServer::Options served = {
      .data_dir = options.data,
      .secrets_dir = options.SecretsDir(),
      .database = options.database,
      .on_disk_failure = config::Shutdown::Request};
  if (options.migrate_only) return ResourcesServer::Migrate(served);
  ASSIGN_OR_RETURN(const auth::ServiceCredential credential,
                   auth::ServiceCredential::Open(options.SecretsDir() +
                                                 "/service_credential"));
  program::Authority members(options.members, "services/members", credential,
                             "services/resources");

  rpc::OwnedHost host(members.keys(), log, options.telemetry.access_log,
                      options.telemetry.traces, options.workers,
                      options.Rates());
  program::SharedCache shared(options.redis, "resources", host.registry());
  if (shared.limiter() != nullptr) host.Use(*shared.limiter());
  program::EventStream stream(options.redis, "services/resources",
                              host.registry());
  served.publisher = stream.publisher();
  ASSIGN_OR_RETURN(const std::unique_ptr<ResourcesServer> server,
                   ResourcesServer::Start(served, host.host(),
                                          stream.Through(members.events())));
  events::EventsServer events({&server->log()}, host.host(), server->sealer());
  program::StatusService status("resources", server->Checks(), shared, stream,
                                host.host());
  RETURN_IF_ERROR(program::ServeUntilSignal(
      options,
      {{.pipeline = &server->pipeline(),
        .check = [&server] { return server->Check(); }},
       {.pipeline = &events.pipeline()},
       {.pipeline = &status.pipeline()}},
      host.registry(), log, shutdown));
  return server->Check();
}

int Main(int argc, char** argv) {
  config::Shutdown shutdown;
  const Options options = ParseFlags(argc, argv);
  return program::Run(kProgram, options.telemetry, [&](telemetry::Log& log) {
    return Serve(options, log, shutdown);
  });
}

}  // namespace
}  // namespace praxis::resources

int main(int argc, char** argv) { return praxis::resources::Main(argc, argv); }
