// Attempts: how often a handle's password was guessed wrong.
#ifndef SERVICES_MEMBERS_DOMAIN_ATTEMPTS_H_
#define SERVICES_MEMBERS_DOMAIN_ATTEMPTS_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace praxis::members {

// Failed sign-ins to one handle since the last that went well. Kept for every
// handle that somebody tries, also those that nobody has: else being locked
// would tell that the account exists.
struct Attempts {
  int failures = 0;
  absl::Time last_failure = absl::InfinitePast();
};

// After so long without a failure they are forgotten.
inline constexpr absl::Duration kAttemptsKept = absl::Hours(24);

// RATE_LIMITED, with when to try again, while the handle is locked: after the
// fifth failure in a row for 30 s, after each further one for twice as long, at
// most 15 minutes (after NIST SP 800-63B, 5.2.2: a wait that grows). The lock
// ends by itself, and trying while it holds is no failure: who knows the
// password cannot be kept out for long by someone who does not.
absl::Status MaySignIn(const Attempts& attempts, absl::Time now);

// The attempts after one more that failed.
Attempts AfterFailure(const Attempts& attempts, absl::Time now);

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_DOMAIN_ATTEMPTS_H_
