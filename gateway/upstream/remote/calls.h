// The calls that use a channel.
#ifndef GATEWAY_UPSTREAM_REMOTE_CALLS_H_
#define GATEWAY_UPSTREAM_REMOTE_CALLS_H_

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace praxis::gateway {

// Counts calls, so that a channel can outlive them. Each holds its channel too,
// and gRPC's own threads must never let go of a channel last: the queue that
// the channel ends would be the one they are in (gRPC 1.51 aborts).
class Calls {
 public:
  void AwaitNone() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](int* count) { return *count == 0; }, &count_));
  }

 private:
  friend class CallCount;
  absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// One call, as long as this lives. Declared before a call's context, so that it
// is gone after it.
class CallCount {
 public:
  explicit CallCount(std::shared_ptr<Calls> calls) : calls_(std::move(calls)) {
    absl::MutexLock lock(&calls_->mutex_);
    ++calls_->count_;
  }
  ~CallCount() {
    absl::MutexLock lock(&calls_->mutex_);
    --calls_->count_;
  }
  CallCount(const CallCount&) = delete;
  CallCount& operator=(const CallCount&) = delete;

 private:
  const std::shared_ptr<Calls> calls_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_REMOTE_CALLS_H_
