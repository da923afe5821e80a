#include "tests/crash/killer.h"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/system/process.h"
#include "tests/system/waiting.h"

namespace praxis::crash {
namespace {

constexpr char kStrace[] = "/usr/bin/strace";
constexpr absl::Duration kReach = absl::Seconds(2);
// What a start takes.
constexpr int kStartMs = 250;
// Of the starts, how many end in the middle.
constexpr int kKilledAgainOneIn = 6;

}  // namespace

std::string Failpoint::name() const {
  return absl::StrCat(part, " ", call, file.empty() ? "" : " of ", file);
}

namespace {

constexpr const char* kServices[] = {"members", "discussions", "resources"};
constexpr char kSends[] = "sendmsg,sendto,write,writev";

// Of SQLite: the log written and synced, and the checkpoint of the database
// that grows fast enough to have one. Every service is in `part`, or in the
// process of its name.
void AddSqlite(const std::string& part, std::vector<Failpoint>* points) {
  for (const std::string service : kServices) {
    const std::string process = part.empty() ? service : part;
    const std::string log = absl::StrCat(service, ".db-wal");
    points->push_back({process, "pwrite64", log});
    points->push_back({process, "fdatasync", log});
  }
  const std::string process = part.empty() ? "discussions" : part;
  points->push_back({process, "pwrite64", "discussions.db", 1});
  points->push_back({process, "fdatasync", "discussions.db", 1});
}

// Files: opened, written, synced, renamed, the folder synced.
void AddBlobs(const std::string& part, std::vector<Failpoint>* points) {
  for (const std::string call :
       {"openat", "write", "fsync", "rename,renameat,renameat2", "close"}) {
    points->push_back({part, call, ""});
  }
}

// Requests and answers, of people and between services.
void AddCalls(const std::string& part, std::vector<Failpoint>* points) {
  points->push_back({part, kSends, ""});
  points->push_back({part, "recvmsg,recvfrom,read", ""});
}

// Between a commit and its answer: threads that wake each other.
void AddThreads(const std::string& part, std::vector<Failpoint>* points) {
  points->push_back({part, "futex", ""});
  points->push_back({part, "epoll_wait", ""});
  points->push_back({part, "accept,accept4", "", 1});
}

}  // namespace

std::vector<Failpoint> FailpointsOfOneProcess() {
  std::vector<Failpoint> points;
  AddSqlite("praxis", &points);
  AddBlobs("praxis", &points);
  AddCalls("praxis", &points);
  AddThreads("praxis", &points);
  points.push_back({"praxis", "pread64", ""});
  points.push_back({"praxis", "newfstatat", ""});
  return points;
}

std::vector<Failpoint> FailpointsOfFourProcesses() {
  std::vector<Failpoint> points;
  AddSqlite("", &points);
  AddBlobs("resources", &points);
  for (const char* service : kServices) {
    AddCalls(service, &points);
    points.push_back({service, "futex", ""});
  }
  AddCalls("gateway", &points);
  return points;
}

// What goes to PostgreSQL and comes from it takes the place of SQLite's files.
std::vector<Failpoint> FailpointsOverPostgres() {
  std::vector<Failpoint> points;
  for (const std::string service : kServices) {
    for (const std::string& part : {service, service + "-2"}) {
      points.push_back({part, "sendto", ""});
      points.push_back({part, "recvfrom", ""});
      AddCalls(part, &points);
    }
  }
  AddBlobs("resources", &points);
  AddBlobs("resources-2", &points);
  AddCalls("gateway", &points);
  return points;
}

Killer::Killer(system::Suite& suite, std::vector<Server> servers, uint64_t seed)
    : suite_(suite), servers_(std::move(servers)), random_(seed) {}

void Killer::KillNow() {
  ++kills_;
  const std::vector<system::Process*> all = suite_.processes();
  size_t choice = random_() % (2 * all.size() + servers_.size());
  if (choice < all.size()) {
    killed_ = all[choice]->name();
    return all[choice]->Kill();
  }
  choice -= all.size();
  // Everything as often as something.
  if (choice >= servers_.size()) {
    killed_ = "everything";
    return suite_.KillAll();
  }
  killed_ = servers_[choice].name;
  servers_[choice].end();
  ended_ = choice;
  ++reached_[servers_[choice].name];
}

void Killer::KillAt(const Failpoint& failpoint) {
  system::Process& victim = suite_.process(failpoint.part);
  killed_ = failpoint.name();
  const int nth = 1 + static_cast<int>(random_() % failpoint.passed);
  std::vector<std::string> flags = {
      "-f", "-qq",
      "-o", "/dev/null",
      "-e", absl::StrCat("trace=", failpoint.call),
      "-e", absl::StrCat("inject=", failpoint.call, ":signal=KILL:when=", nth)};
  if (!failpoint.file.empty()) {
    flags.push_back("-P");
    flags.push_back(absl::StrCat(suite_.folder(), "/data/", failpoint.file));
  }
  flags.push_back("-p");
  flags.push_back(absl::StrCat(victim.pid()));
  system::Process strace("strace", kStrace,
                         absl::StrCat(suite_.folder(), "/strace.log"));
  strace.Start(flags);
  if (victim.AwaitExit(kReach) == -SIGKILL) {
    ++reached_[failpoint.name()];
  }
  strace.Kill();
  victim.Kill();
  ++kills_;
}

void Killer::Restart() {
  if (random_() % kKilledAgainOneIn == 0) {
    suite_.Launch();
    poll(nullptr, 0, static_cast<int>(random_() % kStartMs));
    suite_.KillAll();
    killed_ = "everything, while it started";
    ++kills_;
  }
  if (ended_.has_value()) servers_[*ended_].start();
  ended_.reset();
  const absl::Time begin = absl::Now();
  suite_.Start();
  ready_.push_back(absl::Now() - begin);
  if (ready_.back() == *std::max_element(ready_.begin(), ready_.end())) {
    slowest_ = killed_;
  }
}

}  // namespace praxis::crash
