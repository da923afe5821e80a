// Connector: where the server is, and how to get into it.
#ifndef SERVICES_COMMON_REDIS_CONNECTOR_H_
#define SERVICES_COMMON_REDIS_CONNECTOR_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/redis/connection.h"

namespace praxis::redis {

// Where a server is and who we are to it.
struct Server {
  // "host:port" or "unix:/path": one server or, with `master`, its sentinels.
  std::vector<std::string> addresses;
  // The name by which sentinels know it; empty when there are none.
  std::string master;
  // Empty for the default user.
  std::string username;
  // Holds the password, a newline at its end not counted. Empty for none.
  std::string password_file;
  // For connecting and being let in; for each sentinel asked as long again.
  absl::Duration connect_timeout = absl::Milliseconds(50);
};

// Opens connections that have answered once. Each one asks anew where the
// server is and what the password is, so a failover or another password needs
// no restart: a connection that fails is enough. Thread-safe.
class Connector {
 public:
  explicit Connector(Server server);

  // Failures as of Connection, and kUnavailable when the server lets us not in
  // or is not ready yet.
  absl::StatusOr<std::unique_ptr<Connection>> Open();

 private:
  absl::StatusOr<std::string> Address();
  absl::StatusOr<std::string> AskSentinel(const std::string& sentinel) const;

  const Server server_;
  // The sentinel that answered last: it is asked first.
  std::atomic<size_t> sentinel_ = 0;
};

}  // namespace praxis::redis

#endif  // SERVICES_COMMON_REDIS_CONNECTOR_H_
