#include "services/common/program/program.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "services/common/config/version.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/default_log.h"
#include "services/common/telemetry/exposer.h"

// Read by jemalloc, docs/adr/0026-jemalloc.md: what is not used for ten seconds
// goes back to the kernel, also where nobody calls.
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf = "background_thread:true";
}

namespace praxis::program {
namespace {

namespace fs = std::filesystem;

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  if (fs::create_directories(path, error)) {
    fs::permissions(path, fs::perms::owner_all, error);
  }
  if (!error) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("cannot make the folder ", path, ": ", error.message()));
}

// Mostly 1024 may be open at once, for programs that select() by bits, and more
// may be asked for: with so few, a thousand clients that do nothing would keep
// out all others, and the databases from their files.
void AskForFiles() {
  constexpr rlim_t kFiles = 65'536;
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kFiles));
  setrlimit(RLIMIT_NOFILE, &limit);  // else with what there is
}

}  // namespace

void AddStorageFlags(config::Config& config, StorageOptions* options,
                     absl::string_view data_help,
                     absl::string_view secrets_help) {
  config.Section("Storage");
  config.Path("data", &options->data, data_help);
  config.Path("secrets", &options->secrets, secrets_help);
  config.Section("Limits");
  config.Int("workers", &options->workers.threads, 1, 1024,
             "Calls that may be worked on at once.");
  config.Int("queue", &options->workers.queue_max, 1, 1'000'000,
             "Calls that may wait for a worker; one more is refused.");
  config.Int("caller_rate", &options->caller_rate, 0, 1'000'000,
             "Calls that one person may make in a second, ten times as many at "
             "once; 0: any number.");
  config.Int("costly_rate", &options->costly_rate, 0, 1'000'000,
             "Searches and the like among them; 0: any number.");
}

absl::Status MakeFolders(const StorageOptions& options) {
  RETURN_IF_ERROR(MakeFolder(options.data));
  return MakeFolder(options.SecretsDir());
}

void AddServiceFlags(config::Config& config, ServiceOptions* options,
                     absl::string_view data_help,
                     absl::string_view secrets_help) {
  config.Section("Network");
  config.Address("listen", &options->listen, "Address that gRPC listens on.");
  config.String("metrics_listen", &options->metrics_listen,
                "Address that serves /metrics over HTTP; empty: none.");
  config.Duration("drain_grace", &options->drain_grace, absl::ZeroDuration(),
                  absl::Minutes(5),
                  "How long to serve on after SIGTERM, until load balancers "
                  "have looked away.");
  AddStorageFlags(config, options, data_help, secrets_help);
  config.Section("Database");
  config.String("database", &options->database,
                "PostgreSQL that replicas share, as libpq takes it, such as "
                "\"host=db1,db2 dbname=... user=... passfile=/...\"; empty: "
                "SQLite in DATA, for one process.");
  config.Bool("migrate_only", &options->migrate_only,
              "Bring the database's schema up to date and end.");
  AddRedisFlags(config, &options->redis);
  config::AddTelemetryFlags(config, &options->telemetry);
}

absl::Status ServeUntilSignal(const ServiceOptions& options,
                              std::vector<rpc::GrpcServer::Served> served,
                              const telemetry::Registry& registry,
                              telemetry::Log& log, config::Shutdown& shutdown) {
  std::unique_ptr<telemetry::Exposer> exposer;
  if (!options.metrics_listen.empty()) {
    ASSIGN_OR_RETURN(
        exposer, telemetry::Exposer::Start(options.metrics_listen, registry));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<rpc::GrpcServer> rim,
                   rpc::GrpcServer::Start({.address = options.listen,
                                           .served = std::move(served)}));
  log.Info("serving", {{"address", options.listen},
                       {"port", rim->port()},
                       {"version", config::Version()}});
  shutdown.Wait();
  log.Info("draining");
  rim->Drain(options.drain_grace);
  log.Info("stopped");
  return absl::OkStatus();
}

int Run(absl::string_view program, const config::TelemetryOptions& telemetry,
        const std::function<absl::Status(telemetry::Log&)>& serve) {
  // Debian's Abseil watches every lock for deadlocks, which triples its cost
  // under contention.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  AskForFiles();
  telemetry::Log log(
      {.service = std::string(program), .level = telemetry.log_level});
  const telemetry::DefaultLog captured(log);
  const absl::Status status = serve(log);
  if (status.ok()) return EXIT_SUCCESS;
  log.Error("cannot serve", {{"detail", status.ToString()}});
  return EXIT_FAILURE;
}

}  // namespace praxis::program
