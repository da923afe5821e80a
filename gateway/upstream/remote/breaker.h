// Breaker: whether a call to a backend is worth sending.
#ifndef GATEWAY_UPSTREAM_REMOTE_BREAKER_H_
#define GATEWAY_UPSTREAM_REMOTE_BREAKER_H_

#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace praxis::gateway {

// Refuses calls at once, rather than let them pile up, when too many are under
// way or when one after the other has failed. Then, after a while, a single
// call is let through to see: if it is answered all are, else the while
// doubles. Thread-safe; a call of a backend that does well takes no lock.
class Breaker {
 public:
  struct Options {
    // Calls under way at once.
    int calls_max = 1000;
    // Failures with no answer between them that open it.
    int failures_max = 20;
    // How long it stays open, first and at the most.
    absl::Duration open = absl::Seconds(1);
    absl::Duration open_max = absl::Seconds(8);
  };
  explicit Breaker(Options options) : options_(options) {}

  // Lets a call through, or not. BACKEND_UNAVAILABLE with the time after which
  // another try makes sense.
  absl::Status Pass(absl::Time now);
  // Counts one among those under way: unless this fails as Pass does, Leave()
  // follows.
  absl::Status Enter();
  void Leave() { under_way_.fetch_sub(1, std::memory_order_relaxed); }

  // The backend has answered, be it with an error.
  void Answered();
  // It has not, in all the time that the call had.
  void Failed(absl::Time now);

  bool is_open() const { return open_.load(std::memory_order_relaxed); }

 private:
  const Options options_;
  std::atomic<int> under_way_{0};
  std::atomic<int> failures_{0};
  std::atomic<bool> open_{false};
  absl::Mutex mutex_;
  absl::Time until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Duration period_ ABSL_GUARDED_BY(mutex_);
  // Whether a single call is under way to see.
  bool looking_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_BREAKER_H_
