// Kernel: simulated time, and the machines that live in it.
#ifndef TESTS_SIMULATION_KERNEL_H_
#define TESTS_SIMULATION_KERNEL_H_

#include <algorithm>
#include <coroutine>
#include <cstdint>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/random.h"
#include "tests/simulation/task.h"

namespace praxis::simulation {

// Of true time, which no machine knows.
using Micros = int64_t;
constexpr Micros kMillisecond = 1'000;
constexpr Micros kSecond = 1'000'000;

// Whom an event wakes: a wait, unless it is over already.
struct WaitRef {
  uint32_t slot = 0;
  uint32_t turn = 0;
};

// One thread runs one event after the other, in the order of their times. A
// violation of what is judged ends the run.
class Kernel {
 public:
  explicit Kernel(uint64_t seed) : random(seed) {}
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  Micros now() const { return now_; }
  uint64_t events() const { return order_; }

  void At(Micros time, WaitRef wait) {
    queue_.push({std::max(time, now_), order_++, wait});
  }
  // Runs what is due up to `end`. It may be called from within an event: that
  // one takes until `end`, and others happen meanwhile.
  void RunUntil(Micros end);

  // The first failure is the one that counts.
  void Fail(const std::string& what);
  bool failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }

  Random random;

 private:
  friend class Wait;
  struct Event {
    Micros time;
    uint64_t order;
    WaitRef wait;
    bool operator<(const Event& other) const {
      return std::pair(time, order) > std::pair(other.time, other.order);
    }
  };
  struct Slot {
    std::coroutine_handle<> parked;
    uint32_t turn = 0;
  };

  Micros now_ = 0;
  uint64_t order_ = 0;
  std::priority_queue<Event> queue_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  std::string failure_;
};

// `co_await wait` goes on with the first event for ref().
class Wait {
 public:
  explicit Wait(Kernel& kernel);
  ~Wait();
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  WaitRef ref() const { return ref_; }
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    kernel_.slots_[ref_.slot].parked = handle;
  }
  void await_resume() const {}

 protected:
  Kernel& kernel_;

 private:
  WaitRef ref_;
};

// `co_await Sleep(kernel, time)`.
class Sleep : public Wait {
 public:
  Sleep(Kernel& kernel, Micros time) : Wait(kernel) {
    kernel.At(kernel.now() + time, ref());
  }
};

// Something that many may wait for.
class Signal {
 public:
  void Add(const Wait& wait) { waits_.push_back(wait.ref()); }
  void Notify(Kernel& kernel) {
    for (const WaitRef wait : waits_) kernel.At(kernel.now(), wait);
    waits_.clear();
  }

 private:
  std::vector<WaitRef> waits_;
};

// A machine with one process on it. When it crashes, all that runs there ends
// where it is.
class Node {
 public:
  explicit Node(Kernel& kernel) : kernel_(kernel) {}

  // Its monotonic clock, which may be as much as 4.5 % off.
  absl::Duration Clock() const {
    return absl::Microseconds(offset + kernel_.now() * rate_permille / 1000);
  }
  bool up() const { return up_; }
  // Grows with each start.
  int life() const { return life_; }

  void Run(Process process);
  // For a process that calls real code, which runs events within: a crash may
  // let it go on until it sees by life() that it is over.
  void RunCaller(Process process);
  void Crash();
  void Restart() {
    up_ = true;
    ++life_;
  }

  int64_t rate_permille = 1000;
  Micros offset = 0;
  // How many of RunCaller's processes are within real code.
  int calls = 0;

 private:
  Kernel& kernel_;
  bool up_ = true;
  int life_ = 1;
  std::vector<Process> processes_;
  std::vector<Process> callers_;
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_KERNEL_H_
