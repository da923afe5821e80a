// DiscussionsServer: the service put together, with no transport.
#ifndef SERVICES_DISCUSSIONS_SERVER_H_
#define SERVICES_DISCUSSIONS_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/ops/status_board.h"
#include "services/common/rpc/host.h"

namespace praxis::auth {
class Sealer;
}  // namespace praxis::auth
namespace praxis::cache {
class Cache;
}  // namespace praxis::cache
namespace praxis::events {
class Log;
class Publisher;
class Source;
}  // namespace praxis::events
namespace praxis::rpc {
class Pipeline;
}  // namespace praxis::rpc
namespace praxis::sql {
class Database;
}  // namespace praxis::sql

namespace praxis::discussions {

// The composition root: the only place that names concrete adapters. It owns
// the service's database, its log, its copy of who may do what and its
// handlers; the rim and the gateway call its pipeline. Thread-safe once
// started.
class DiscussionsServer {
 public:
  struct Options {
    // Holds discussions.db.
    std::string data_dir;
    // Holds seal_discussions, made on the first start.
    std::string secrets_dir;
    // Keeps everything in memory, for tests: both folders are unused.
    bool in_memory = false;
    // PostgreSQL, as libpq takes it, shared by all replicas; empty: SQLite.
    std::string database;
    // Where events go beside the log. May be null; else outlives the server.
    events::Publisher* publisher = nullptr;
    // Shared by all replicas. May be null; else outlives the server.
    cache::Cache* cache = nullptr;
    // As sql::SqliteOptions::on_disk_failure.
    std::function<void()> on_disk_failure = [] {};
  };

  // `host` and `members`, whose events say who may do what, must outlive the
  // server. Fails when the database does not open or was written by a newer
  // build. Starts also while `members` does not answer.
  static absl::StatusOr<std::unique_ptr<DiscussionsServer>> Start(
      const Options& options, const rpc::Host& host, events::Source& members,
      std::function<absl::Time()> clock = absl::Now);

  ~DiscussionsServer();

  // Brings the schema up to date and does nothing else: Start does so too.
  static absl::Status Migrate(const Options& options);

  rpc::Pipeline& pipeline();
  // This service's events, "services/discussions".
  events::Log& log();
  // Seals what leaves the service and comes back.
  const auth::Sealer& sealer() const;
  // Its own tables. Nobody but this service and its tests looks at them.
  sql::Database& database();

  // OK when the database answers and, since the start, all that members had
  // committed was once known here: before, this copy of who may do what may be
  // as old as the last run. That members does not answer later is no reason to
  // stop serving.
  absl::Status Check();

  // What can fail by itself, for operators.
  std::vector<ops::Check> Checks();

  // Waits until what members has committed before this call is known here.
  absl::Status CatchUp();

 private:
  struct Parts;
  explicit DiscussionsServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_SERVER_H_
