// What the programs of the suite's services have in common.
#ifndef SERVICES_COMMON_PROGRAM_PROGRAM_H_
#define SERVICES_COMMON_PROGRAM_PROGRAM_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/config/config.h"
#include "services/common/config/shutdown.h"
#include "services/common/config/telemetry_flags.h"
#include "services/common/program/redis.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/rpc/host.h"
#include "services/common/rpc/workers.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::program {

// Live streams that one person may have open at a service.
inline constexpr int kLiveStreamsMax = 32;

// Where a program keeps data, and how much it does at once.
struct StorageOptions {
  std::string data = "data";
  // Empty: DATA/secrets.
  std::string secrets;
  rpc::Workers::Options workers;
  // Calls of one person in a second; 0: any number.
  int caller_rate = 100;
  int costly_rate = 10;

  // Ten seconds' worth may come at once.
  rpc::CallRates Rates() const {
    return {.calls = {caller_rate * 1.0, caller_rate * 10.0},
            .costly_calls = {costly_rate * 1.0, costly_rate * 10.0},
            .live_streams_max = caller_rate > 0 ? kLiveStreamsMax : 0};
  }
  std::string SecretsDir() const {
    return secrets.empty() ? data + "/secrets" : secrets;
  }
};

// Declares --data, --secrets, --workers, --queue and the rates. What `options`
// holds are the defaults. `data_help` and `secrets_help` say what the two
// folders hold.
void AddStorageFlags(config::Config& config, StorageOptions* options,
                     absl::string_view data_help,
                     absl::string_view secrets_help);

// Makes the folders for data and secrets, readable by this user only.
absl::Status MakeFolders(const StorageOptions& options);

// The settings of a program that serves one service over gRPC.
struct ServiceOptions : StorageOptions {
  std::string listen;
  // PostgreSQL, as libpq takes it; empty: SQLite in `data`.
  std::string database;
  // Bring the schema up to date and end.
  bool migrate_only = false;
  RedisOptions redis;
  // Where "/metrics" is scraped; empty: nowhere.
  std::string metrics_listen;
  absl::Duration drain_grace = absl::Seconds(5);
  config::TelemetryOptions telemetry;
};

// Declares the flags of storage, those about logging, --listen,
// --metrics_listen, --drain_grace, --database, --migrate_only and those of
// Redis.
void AddServiceFlags(config::Config& config, ServiceOptions* options,
                     absl::string_view data_help,
                     absl::string_view secrets_help);

// Serves over gRPC until a signal comes, then drains.
absl::Status ServeUntilSignal(const ServiceOptions& options,
                              std::vector<rpc::GrpcServer::Served> served,
                              const telemetry::Registry& registry,
                              telemetry::Log& log, config::Shutdown& shutdown);

// The end of every main: runs `serve` with a log of `program`, whose failure is
// logged, and with as many files as the system allows, up to 65,536. The
// process's exit code.
int Run(absl::string_view program, const config::TelemetryOptions& telemetry,
        const std::function<absl::Status(telemetry::Log&)>& serve);

}  // namespace praxis::program

#endif  // SERVICES_COMMON_PROGRAM_PROGRAM_H_
