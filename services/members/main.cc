// praxis-members: people, sign-in, communities and memberships, over gRPC.
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "services/common/auth/service_credential.h"
#include "services/common/auth/token.h"
#include "services/common/config/config.h"
#include "services/common/config/shutdown.h"
#include "services/common/events/server/server.h"
#include "services/common/program/program.h"
#include "services/common/program/status_service.h"
#include "services/common/rpc/owned_host.h"
#include "services/common/status/status.h"
#include "services/members/server.h"

namespace praxis::members {
namespace {

constexpr char kProgram[] = "praxis-members";

program::ServiceOptions ParseFlags(int argc, char** argv) {
  program::ServiceOptions options;
  options.listen = "127.0.0.1:8091";
  config::Config config(kProgram,
                        "Serves people, sign-in, communities and memberships.");
  program::AddServiceFlags(
      config, &options, "Folder that holds members.db.",
      "Folder that holds signing_key.pem, service_credential and "
      "seal_members; what is missing is made. By default DATA/secrets.");
  config.ParseOrExit(argc, argv);
  return options;
}

absl::Status Serve(const program::ServiceOptions& options, telemetry::Log& log,
                   config::Shutdown& shutdown) {
  RETURN_IF_ERROR(program::MakeFolders(options));
  const std::string secrets = options.SecretsDir();
  MembersServer::Options served = {.data_dir = options.data,
                                   .secrets_dir = secrets,
                                   .database = options.database,
                                   .on_disk_failure = config::Shutdown::Request,
                                   .has_remote_consumers = true};
  if (options.migrate_only) return MembersServer::Migrate(served);
  ASSIGN_OR_RETURN(const std::unique_ptr<auth::TokenSigner> signer,
                   auth::TokenSigner::Open(secrets + "/signing_key.pem",
                                           auth::TokenRules{}));
  ASSIGN_OR_RETURN(
      const auth::ServiceCredential credential,
      auth::ServiceCredential::Open(secrets + "/service_credential"));

  rpc::OwnedHost host(*signer, log, options.telemetry.access_log,
                      options.telemetry.traces, options.workers,
                      options.Rates());
  program::SharedCache shared(options.redis, "members", host.registry());
  if (shared.limiter() != nullptr) host.Use(*shared.limiter());
  program::EventStream stream(options.redis, "services/members",
                              host.registry());
  served.publisher = stream.publisher();
  ASSIGN_OR_RETURN(
      const std::unique_ptr<MembersServer> server,
      MembersServer::Start(served, host.host(), *signer, credential));
  events::EventsServer events({&server->log()}, host.host(), server->sealer());
  program::StatusService status("members", server->Checks(), shared, stream,
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
  const program::ServiceOptions options = ParseFlags(argc, argv);
  return program::Run(kProgram, options.telemetry, [&](telemetry::Log& log) {
    return Serve(options, log, shutdown);
  });
}

}  // namespace
}  // namespace praxis::members

int main(int argc, char** argv) { return praxis::members::Main(argc, argv); }
