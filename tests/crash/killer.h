// The killer: ends processes at moments of its choice, and starts them again.
#ifndef TESTS_CRASH_KILLER_H_
#define TESTS_CRASH_KILLER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/system/suite.h"

namespace praxis::crash {

// A moment within a program: the entry of a system call, one of `call`; where
// `file` is not empty, one on the file of this name in its data folder.
struct Failpoint {
  std::string part;
  std::string call;
  std::string file;
  // One of the first so many of a thread is not survived.
  int passed = 12;

  std::string name() const;
};

// The windows of a write: before and after each step that puts something on the
// disk or into the database, and before it is said to be there.
std::vector<Failpoint> FailpointsOfOneProcess();
std::vector<Failpoint> FailpointsOfFourProcesses();
std::vector<Failpoint> FailpointsOverPostgres();

// What the programs stand on, and how it ends and comes back.
struct Server {
  std::string name;
  std::function<void()> end;
  std::function<void()> start;
};

// Kills parts of one suite. Its choices follow from the seed.
class Killer {
 public:
  Killer(system::Suite& suite, std::vector<Server> servers, uint64_t seed);

  // Ends all processes, or one, or a server, at once.
  void KillNow();
  // Lets a process be ended by the kernel at the entry of a system call, at
  // the latest 2 s from now. strace (apt: strace) must be there.
  void KillAt(const Failpoint& failpoint);
  // Starts what does not run, and waits until all is ready. Now and then it is
  // killed once more on its way there.
  void Restart();

  int kills() const { return kills_; }
  // How often a failpoint was reached, or a server ended, by its name.
  const std::map<std::string, int>& reached() const { return reached_; }
  // From the start of the processes until all was ready, of every Restart.
  const std::vector<absl::Duration>& times_to_ready() const { return ready_; }
  // What had been killed before the slowest of them.
  const std::string& slowest() const { return slowest_; }

 private:
  system::Suite& suite_;
  const std::vector<Server> servers_;
  // Of servers_; to be started.
  std::optional<size_t> ended_;
  std::mt19937_64 random_;
  int kills_ = 0;
  std::map<std::string, int> reached_;
  std::vector<absl::Duration> ready_;
  std::string killed_;
  std::string slowest_;
};

}  // namespace praxis::crash

#endif  // TESTS_CRASH_KILLER_H_
