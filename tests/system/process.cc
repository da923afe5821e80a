#include "tests/system/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "tests/system/json.h"
#include "tests/system/waiting.h"

namespace praxis::system {
namespace {

// The number in a line of /proc/PID/status such as "VmRSS:    1234 kB".
int64_t StatusLine(const std::string& status, const std::string& name) {
  for (const absl::string_view line : absl::StrSplit(status, '\n')) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, name)) continue;
    absl::ConsumePrefix(&rest, ":");
    absl::ConsumeSuffix(&rest, " kB");
    int64_t number = 0;
    if (absl::SimpleAtoi(rest, &number)) return number;
  }
  return 0;
}

// In the child, where only what is safe within a signal may be called.
[[noreturn]] void Become(const char* program, char* const* arguments, int out,
                         int err, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the test died meanwhile
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execv(program, arguments);
  _exit(127);
}

}  // namespace

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

Process::Process(std::string name, std::string program, std::string log)
    : name_(std::move(name)),
      program_(std::move(program)),
      log_(std::move(log)) {}

Process::~Process() { Kill(); }

void Process::Start(const std::vector<std::string>& flags) {
  ASSERT_FALSE(running()) << name_ << " runs already";
  std::vector<std::string> words = {program_};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  log_begin_ = ReadFile(log_).size();
  const int how = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  const int err = open(log_.c_str(), how, 0600);
  const int out = open(absl::StrCat(log_, ".out").c_str(), how, 0600);
  ASSERT_TRUE(err >= 0 && out >= 0) << "cannot write " << log_;
  exit_.reset();
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    Become(program_.c_str(), arguments.data(), out, err, parent);
  }
  close(err);
  close(out);
  ASSERT_GT(pid_, 0) << "cannot start " << program_;
}

std::optional<int> Process::ServingPort(const std::string& field) {
  std::optional<int> port;
  const bool done = Eventually([&] {
    const bool runs = StillRuns();
    for (const absl::string_view line : absl::StrSplit(Log(), '\n')) {
      const std::optional<Json> said = ParseJson(line);
      if (!said.has_value() || TextAt(*said, "message") != "serving") continue;
      port = static_cast<int>(NumberAt(*said, field));
      return true;
    }
    return !runs;
  });
  if (!done || !port.has_value()) {
    ADD_FAILURE() << name_ << " does not serve; its log:\n" << Log();
  }
  return port;
}

bool Process::StillRuns() {
  if (!running()) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  pid_ = 0;
  return false;
}

void Process::Signal(int signal) {
  if (running()) kill(pid_, signal);
}

void Process::Kill() {
  Signal(SIGKILL);
  AwaitExit();
}

std::optional<int> Process::AwaitExit(absl::Duration limit) {
  Eventually([&] { return !StillRuns(); }, limit);
  return exit_;
}

Memory Process::memory() const {
  const std::string status = ReadFile(absl::StrCat("/proc/", pid_, "/status"));
  return {.now_kib = StatusLine(status, "VmRSS"),
          .peak_kib = StatusLine(status, "VmHWM")};
}

// proc(5): 5 resets the peak resident set size.
void Process::ForgetPeakMemory() {
  std::ofstream(absl::StrCat("/proc/", pid_, "/clear_refs")) << "5";
}

std::string Process::Log() const {
  const std::string all = ReadFile(log_);
  return all.substr(std::min(log_begin_, all.size()));
}

}  // namespace praxis::system
