// Workers: the bounded pool that blocking handlers run on.
#ifndef SERVICES_COMMON_RPC_WORKERS_H_
#define SERVICES_COMMON_RPC_WORKERS_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace praxis::rpc {

// A fixed number of threads and a queue of fixed length. Destroying it runs
// what is queued first. Thread-safe.
class Workers {
 public:
  struct Options {
    int threads = 64;
    int queue_max = 1024;
  };
  explicit Workers(Options options);
  ~Workers();

  // Queues `work`. False, with `work` not taken, when the queue is full.
  bool Run(absl::AnyInvocable<void()>& work);

 private:
  void Loop();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !queue_.empty() || stopping_;
  }

  const Options options_;
  absl::Mutex mutex_;
  std::deque<absl::AnyInvocable<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_WORKERS_H_
