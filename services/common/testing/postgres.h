// A PostgreSQL server that a test may ill-treat.
#ifndef SERVICES_COMMON_TESTING_POSTGRES_H_
#define SERVICES_COMMON_TESTING_POSTGRES_H_

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "services/common/testing/matchers.h"

namespace praxis::testing {

// A cluster of its own, made by tests/tools/postgres; gone with this. The
// working directory is the source's root, as ctest has it.
class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  const std::string& conninfo() const { return conninfo_; }

  // Stops it as a power cut would, and brings it back.
  void Crash();
  void Start();

 private:
  const TemporaryFolder folder_;
  std::string conninfo_;
};

// Stands between a client and a server, byte for byte, until it is told to cut
// the line at a commit. Thread-safe.
class PostgresProxy {
 public:
  enum class Cut {
    kNever,
    // The server never sees the COMMIT.
    kBeforeCommit,
    // The server has answered it, and the client never hears.
    kAfterCommit,
  };

  // Forwards to the server of `conninfo`, which names the folder of a socket.
  explicit PostgresProxy(const std::string& conninfo);
  ~PostgresProxy();
  PostgresProxy(const PostgresProxy&) = delete;
  PostgresProxy& operator=(const PostgresProxy&) = delete;

  // By which a client connects through it.
  const std::string& conninfo() const { return conninfo_; }

  // The next COMMIT that a connection prepares is cut; those after it are not.
  void CutNext(Cut cut) { cut_.store(cut); }

 private:
  void Accept();
  void Forward(int client);

  const TemporaryFolder folder_;
  std::string conninfo_;
  std::string server_path_;
  int listener_ = -1;
  std::atomic<Cut> cut_{Cut::kNever};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> lines_;
  std::thread accepting_;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_POSTGRES_H_
