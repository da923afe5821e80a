#include "gateway/upstream/remote/breaker.h"

#include <algorithm>

#include "services/common/status/status.h"

namespace praxis::gateway {

absl::Status Breaker::Enter() {
  if (under_way_.fetch_add(1, std::memory_order_relaxed) < options_.calls_max) {
    return absl::OkStatus();
  }
  Leave();
  return RetryAfter(
      Error(Reason::BACKEND_UNAVAILABLE,
            "Too many calls of the backend are under way; try again."),
      absl::Seconds(1));
}

absl::Status Breaker::Pass(absl::Time now) {
  if (!is_open()) return absl::OkStatus();
  absl::MutexLock lock(&mutex_);
  // Further off than it is ever set: the clock was put back.
  const bool is_set_back = until_ - now > 2 * options_.open_max;
  if (now < until_ && !is_set_back) {
    return RetryAfter(Error(Reason::BACKEND_UNAVAILABLE,
                            "The backend does not answer; try again."),
                      until_ - now);
  }
  // One to see. The next one when the period is over, should this one get lost.
  until_ = now + period_;
  looking_ = true;
  return absl::OkStatus();
}

void Breaker::Answered() {
  if (failures_.load(std::memory_order_relaxed) != 0) failures_ = 0;
  if (is_open()) open_ = false;
}

void Breaker::Failed(absl::Time now) {
  if (failures_.fetch_add(1) + 1 < options_.failures_max) return;
  absl::MutexLock lock(&mutex_);
  if (!open_) {
    period_ = options_.open;
  } else if (looking_) {
    period_ = std::min(2 * period_, options_.open_max);
  } else {
    return;  // it had begun before
  }
  looking_ = false;
  until_ = now + period_;
  open_ = true;
}

}  // namespace praxis::gateway
