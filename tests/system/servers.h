// The servers beside the programs: a PostgreSQL cluster and a Redis to throw
// away.
#ifndef TESTS_SYSTEM_SERVERS_H_
#define TESTS_SYSTEM_SERVERS_H_

#include <string>
#include <vector>

#include "tests/system/process.h"

namespace praxis::system {

// What a command writes on standard output, without the end of its last line.
// One that fails is a failure of the test.
std::string OutputOf(const std::string& command);

// A cluster of its own, which tests/tools/postgres starts and removes.
class PostgresServer {
 public:
  // Runs when this returns. `folder` need not be there.
  explicit PostgresServer(std::string folder);
  // Removes it.
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  void MakeDatabase(const std::string& name);
  // How libpq reaches one.
  std::string ConninfoOf(const std::string& database) const;
  // Rows as lines, columns parted by "|".
  std::string Query(const std::string& database, const std::string& sql) const;

  // Ends it as a power cut would.
  void Crash();
  // Starts it unless it runs, and waits until it takes connections.
  void Start();
  // kill -9 of one of the processes that serve the suite: the server ends all
  // connections and recovers.
  void KillBackend();

 private:
  const std::string folder_;
  std::string conninfo_;
};

// A redis-server on a port of its own that keeps nothing on the disk.
class RedisServer {
 public:
  // Runs when this returns. `flags` such as "--maxmemory 4mb" are added.
  explicit RedisServer(const std::string& folder,
                       std::vector<std::string> flags = {});

  // "127.0.0.1:PORT"
  std::string address() const;
  // What redis-cli answers, "" when there is no server.
  std::string Command(const std::string& words) const;

  // On the same port; without its data. Waits until it answers.
  void Start();
  void Kill() { process_.Kill(); }
  // SIGSTOP, SIGCONT ...
  void Signal(int signal) { process_.Signal(signal); }

 private:
  const int port_;
  const std::vector<std::string> flags_;
  Process process_;
};

// A port of 127.0.0.1 that nobody listens on at the moment, for a program that
// cannot tell which one it was given.
int FreePort();

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_SERVERS_H_
