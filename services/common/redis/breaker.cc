#include "services/common/redis/breaker.h"

#include <algorithm>

namespace praxis::redis {

Breaker::Admission Breaker::Admit(absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  if (failures_ < kFailures) return Admission::kCall;
  if (probing_ || now < paused_until_) return Admission::kRefused;
  probing_ = true;
  return Admission::kProbe;
}

bool Breaker::Succeeded() {
  absl::MutexLock lock(&mutex_);
  const bool was_open = failures_ >= kFailures;
  failures_ = 0;
  probing_ = false;
  pause_ = kPauseMin;
  return was_open;
}

bool Breaker::Failed(Admission admission, absl::Duration now) {
  absl::MutexLock lock(&mutex_);
  if (failures_ < kFailures) {
    if (++failures_ < kFailures) return false;
    paused_until_ = now + pause_;
    return true;
  }
  // Calls from before it opened fail late; only a probe says something new.
  if (admission != Admission::kProbe) return false;
  probing_ = false;
  pause_ = std::min(2 * pause_, kPauseMax);
  paused_until_ = now + pause_;
  return false;
}

void Breaker::Abandoned(Admission admission) {
  absl::MutexLock lock(&mutex_);
  if (admission == Admission::kProbe) probing_ = false;
}

bool Breaker::is_open() const {
  absl::MutexLock lock(&mutex_);
  return failures_ >= kFailures;
}

}  // namespace praxis::redis
