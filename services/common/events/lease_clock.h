// The clock that leases are counted by, on either side.
#ifndef SERVICES_COMMON_EVENTS_LEASE_CLOCK_H_
#define SERVICES_COMMON_EVENTS_LEASE_CLOCK_H_

#include <ctime>

#include "absl/time/time.h"

namespace praxis::events {

// Since the machine was started. Nobody sets it, and unlike CLOCK_MONOTONIC it
// goes on while the machine sleeps: a lease does not outlive a suspension.
inline absl::Duration LeaseNow() {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return absl::DurationFromTimespec(now);
}

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_LEASE_CLOCK_H_
