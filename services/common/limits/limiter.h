// How often somebody may do something: token buckets.
#ifndef SERVICES_COMMON_LIMITS_LIMITER_H_
#define SERVICES_COMMON_LIMITS_LIMITER_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::limits {

// A bucket holds up to `burst` tokens, at least 1, is full at first, and gets
// `per_second` more, which is above 0.
struct Rate {
  double per_second = 1;
  double burst = 1;
};

// A port. Thread-safe.
class Limiter {
 public:
  virtual ~Limiter() = default;

  // Takes a token from the bucket of `key`, which always comes with the same
  // rate. RATE_LIMITED when there is none, with the time until there will be.
  virtual absl::Status Take(absl::string_view key, const Rate& rate) = 0;
};

// RATE_LIMITED, to be tried again after `wait`.
absl::Status Limited(absl::Duration wait);

}  // namespace praxis::limits

#endif  // SERVICES_COMMON_LIMITS_LIMITER_H_
