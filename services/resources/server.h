// ResourcesServer: the resource library, put together.
#ifndef SERVICES_RESOURCES_SERVER_H_
#define SERVICES_RESOURCES_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/auth/secrets.h"
#include "services/common/events/log.h"
#include "services/common/events/source.h"
#include "services/common/ops/status_board.h"
#include "services/common/rpc/host.h"
#include "services/common/rpc/pipeline.h"

namespace praxis::resources {

// The composition root: the only place that names this service's adapters.
class ResourcesServer {
 public:
  struct Options {
    // Holds resources.db and blobs/, the uploaded files.
    std::string data_dir;
    // Holds seal_resources, made on the first start.
    std::string secrets_dir;
    // Keeps all but the files in memory, for tests.
    bool in_memory = false;
    // PostgreSQL, as libpq takes it, shared by all replicas; empty: SQLite.
    std::string database;
    // Where events go beside the log. May be null; else outlives the server.
    events::Publisher* publisher = nullptr;
    // As sql::SqliteOptions::on_disk_failure.
    std::function<void()> on_disk_failure = [] {};
  };

  // Brings the schema up to date and begins to follow `members`, which tells
  // who may do what. Both outlive the server.
  static absl::StatusOr<std::unique_ptr<ResourcesServer>> Start(
      const Options& options, const rpc::Host& host, events::Source& members,
      std::function<absl::Time()> clock = absl::Now);
  virtual ~ResourcesServer() = default;

  // Brings the schema up to date and does nothing else: Start does so too.
  static absl::Status Migrate(const Options& options);

  // What the gRPC rim and the gateway call.
  virtual rpc::Pipeline& pipeline() = 0;
  virtual events::Log& log() = 0;
  virtual const auth::Sealer& sealer() const = 0;

  // OK when the database answers.
  virtual absl::Status Check() = 0;

  // What can fail by itself, for operators.
  virtual std::vector<ops::Check> Checks() = 0;
};

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_SERVER_H_
