// Load: people who read and write all the time, and how they fare.
#ifndef TESTS_CHAOS_LOAD_H_
#define TESTS_CHAOS_LOAD_H_

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/system/world.h"

namespace praxis::chaos {

// What came of some calls.
struct Fare {
  // In the order of their answers.
  std::vector<absl::Duration> reads;
  std::vector<absl::Duration> writes;
  // By kind and reason, "write UNAVAILABLE BACKEND_UNAVAILABLE": those that
  // were not answered with 200.
  std::map<std::string, int> failed;

  int failed_writes() const;
  int failed_reads() const;
};

// The time that a share of them does not exceed, in milliseconds.
double PercentileMs(std::vector<absl::Duration> times, double share);

// One line: "reads 1234, p50 0.8 ms, p99 4.1 ms; writes ..., 0 failed".
std::string Summary(const Fare& fare);

// Readers and writers, each with a connection of its own, from when it is made
// until it goes away. Writers do not try again. They write into one public
// community.
class Load {
 public:
  Load(const system::Suite& suite, int readers, int writers);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // What was answered since the last Take.
  Fare Take();
  // Waits until so many calls of either kind were answered since the last Take.
  void AwaitCalls(size_t reads, size_t writes) const;

 private:
  void Read();
  void Write(int index);
  void Note(const char* kind, absl::Time sent, const system::Answer& answer);

  const system::Suite& suite_;
  system::Person ada_;
  std::string community_;
  std::string thread_;
  std::atomic<bool> stop_{false};
  mutable absl::Mutex mutex_;
  Fare fare_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace praxis::chaos

#endif  // TESTS_CHAOS_LOAD_H_
