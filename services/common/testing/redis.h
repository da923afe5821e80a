// RedisServer: a real Redis of a test's own.
#ifndef SERVICES_COMMON_TESTING_REDIS_H_
#define SERVICES_COMMON_TESTING_REDIS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/redis/client.h"
#include "services/common/testing/matchers.h"

namespace praxis::testing {

// Runs redis-server on a free port of 127.0.0.1, without persistence, in a
// folder of its own, until the end of the test; it is killed with the test's
// process. Its default user may do everything. What fails ends the process: no
// test can go on without it.
class RedisServer {
 public:
  enum class Kind { kServer, kSentinel };
  // `settings` are lines of its configuration: {"maxmemory 4mb"}.
  explicit RedisServer(std::vector<std::string> settings = {},
                       Kind kind = Kind::kServer);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }
  // "127.0.0.1:port"
  std::string address() const;

  // For a client of it. What is given up only after so long is given up for
  // good; pass 50 ms, as the programs have, where a test wants that.
  redis::Client::Options ClientOptions(
      absl::string_view role, absl::Duration timeout = absl::Seconds(20)) const;

  // Kills it; nothing of what it held is left.
  void Stop();
  // Starts it anew, as it was made and on the same port, after Stop or not.
  void Restart();
  // It stays connected and does nothing.
  void Pause();
  void Resume();

  // Runs a command as the default user; answers the reply as text, each item of
  // an array on a line of its own.
  std::string Run(const std::vector<std::string>& command);

 private:
  // False if it did not come up, as when the port was taken.
  bool Start();

  const std::vector<std::string> settings_;
  const Kind kind_;
  TemporaryFolder folder_;
  int port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_REDIS_H_
