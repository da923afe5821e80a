// MembersServer: the service put together, with no transport.
#ifndef SERVICES_MEMBERS_SERVER_H_
#define SERVICES_MEMBERS_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/auth/secrets.h"
#include "services/common/ops/status_board.h"
#include "services/common/rpc/host.h"

namespace praxis::auth {
class ServiceCredential;
class TokenSigner;
}  // namespace praxis::auth
namespace praxis::events {
class Log;
class Publisher;
}  // namespace praxis::events
namespace praxis::rpc {
class Pipeline;
}  // namespace praxis::rpc
namespace praxis::sql {
class Database;
}  // namespace praxis::sql

namespace praxis::members {

// The composition root: the only place that names concrete adapters. It owns
// the service's database, its log and its handlers; the rim and the gateway
// call its pipeline. Thread-safe once started.
class MembersServer {
 public:
  struct Options {
    // Holds members.db.
    std::string data_dir;
    // Holds seal_members, made on the first start.
    std::string secrets_dir;
    // Keeps everything in memory, for tests: both folders are unused.
    bool in_memory = false;
    // PostgreSQL, as libpq takes it, shared by all replicas; empty: SQLite.
    std::string database;
    // Where events go beside the log. May be null; else outlives the server.
    events::Publisher* publisher = nullptr;
    // As sql::SqliteOptions::on_disk_failure.
    std::function<void()> on_disk_failure = [] {};
    // Consumers of these events may be at work that an earlier process of this
    // service has given leases: what takes access away waits for them at first.
    bool has_remote_consumers = false;
    // Only tests ask for less.
    auth::PasswordCost password_cost;
  };

  // All but the options must outlive the server. `credential` is what services
  // prove themselves with, see ExchangeToken. Fails when the database does not
  // open or was written by a newer build.
  static absl::StatusOr<std::unique_ptr<MembersServer>> Start(
      const Options& options, const rpc::Host& host, auth::TokenSigner& signer,
      const auth::ServiceCredential& credential,
      std::function<absl::Time()> clock = absl::Now);

  ~MembersServer();

  // Brings the schema up to date and does nothing else: Start does so too.
  static absl::Status Migrate(const Options& options);

  rpc::Pipeline& pipeline();
  // This service's events, "services/members".
  events::Log& log();
  // Seals what leaves the service and comes back.
  const auth::Sealer& sealer() const;
  // Its own tables. Nobody but this service and its tests looks at them.
  sql::Database& database();

  // OK when the database answers.
  absl::Status Check();

  // What can fail by itself, for operators.
  std::vector<ops::Check> Checks();

 private:
  struct Parts;
  explicit MembersServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_SERVER_H_
