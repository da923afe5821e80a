// Lease: how long a consumer may rely on what it has applied.
#ifndef SERVICES_COMMON_EVENTS_LEASE_H_
#define SERVICES_COMMON_EVENTS_LEASE_H_

#include <cstdint>

#include "absl/time/time.h"

namespace praxis::events {

// The consumer's side of the leases of lease_view.h. While it holds, who takes
// access away waits until this consumer has applied that.
//
// A grant after a pause is not enough: what was taken back meanwhile was taken
// back without this consumer. So it must first apply all that there was when
// the lease began, which the source says with the grant. Times are of this
// process's monotonic clock, from any epoch. Not thread-safe.
class Lease {
 public:
  // An acknowledgement that was sent at `sent` has been answered by `now`:
  // `length` from when it was sent, and number `latest` was the newest then.
  void Granted(absl::Duration sent, absl::Duration now, absl::Duration length,
               int64_t latest) {
    // A lease that has been over for a moment has begun anew.
    if (now > until_) required_ = latest;
    until_ = sent + length;
  }

  // Whether what was applied up to `position` may be relied on at `now`.
  bool Holds(absl::Duration now, int64_t position) const {
    return now <= until_ && position >= required_;
  }

  absl::Duration until() const { return until_; }

 private:
  absl::Duration until_ = -absl::InfiniteDuration();
  int64_t required_ = 0;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_LEASE_H_
