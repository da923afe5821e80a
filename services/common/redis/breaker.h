// Breaker: stops asking a server that does not answer.
#ifndef SERVICES_COMMON_REDIS_BREAKER_H_
#define SERVICES_COMMON_REDIS_BREAKER_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace praxis::redis {

// A circuit breaker (Nygard, "Release It!"). After `kFailures` failures in a
// row it is open: calls are refused at once. When a pause is over, one call at
// a time is let through as a probe; if that fails too, the next pause is twice
// as long, up to kPauseMax. Any success closes it. Times are of a monotonic
// clock. Thread-safe.
class Breaker {
 public:
  static constexpr int kFailures = 5;
  static constexpr absl::Duration kPauseMin = absl::Milliseconds(100);
  static constexpr absl::Duration kPauseMax = absl::Seconds(5);

  enum class Admission { kRefused, kCall, kProbe };

  // Whether a call may go now. One that may must tell how it ended.
  Admission Admit(absl::Duration now);

  // True when this closed the breaker.
  bool Succeeded();
  // True when this opened the breaker.
  bool Failed(Admission admission, absl::Duration now);
  // The call ended without a sign of how the server is.
  void Abandoned(Admission admission);

  bool is_open() const;

 private:
  mutable absl::Mutex mutex_;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  bool probing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration pause_ ABSL_GUARDED_BY(mutex_) = kPauseMin;
  absl::Duration paused_until_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::redis

#endif  // SERVICES_COMMON_REDIS_BREAKER_H_
