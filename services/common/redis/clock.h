// The clock of time limits.
#ifndef SERVICES_COMMON_REDIS_CLOCK_H_
#define SERVICES_COMMON_REDIS_CLOCK_H_

#include <chrono>

#include "absl/time/time.h"

namespace praxis::redis {

// Time of this process's monotonic clock, from any epoch: what is counted by it
// does not jump when somebody sets the time.
inline absl::Duration MonotonicNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace praxis::redis

#endif  // SERVICES_COMMON_REDIS_CLOCK_H_
