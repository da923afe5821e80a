// Process: one program of the suite, as an operator sees it.
#ifndef TESTS_SYSTEM_PROCESS_H_
#define TESTS_SYSTEM_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace praxis::system {

// How much memory a process holds, in KiB.
struct Memory {
  int64_t now_kib = 0;
  // The most since ForgetPeakMemory, or since it began.
  int64_t peak_kib = 0;
};

// Runs one program. What it writes goes to a file that outlives its restarts.
// It dies with the test, whatever happens to the test.
class Process {
 public:
  // `program` is the path of the binary, `log` that of the file.
  Process(std::string name, std::string program, std::string log);
  // Kills it.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::string& name() const { return name_; }
  const std::string& program() const { return program_; }
  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }

  // Starts it with these flags. It must not run.
  void Start(const std::vector<std::string>& flags);
  // Waits for the line by which it says that it serves, and reads a number of
  // it, such as "port". None when it ended instead.
  std::optional<int> ServingPort(const std::string& field);

  void Signal(int signal);
  // SIGKILL, and waits until it is gone.
  void Kill();
  // Its exit code once it has ended by itself; minus the number of the signal
  // that ended it. None when it still runs after `limit`.
  std::optional<int> AwaitExit(absl::Duration limit = absl::Seconds(30));

  Memory memory() const;
  void ForgetPeakMemory();

  // All that it has written on standard error, where logs go; only what it
  // wrote since the last Start.
  std::string Log() const;

 private:
  // False once it has ended; then exit_ is set.
  bool StillRuns();

  const std::string name_;
  const std::string program_;
  const std::string log_;
  pid_t pid_ = 0;
  std::optional<int> exit_;
  // Where the log of the present run begins.
  size_t log_begin_ = 0;
};

// The bytes of a file; empty when there is none.
std::string ReadFile(const std::string& path);

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_PROCESS_H_
