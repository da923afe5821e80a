// Eventually: how a test waits for what another thread does.
#ifndef SERVICES_COMMON_TESTING_EVENTUALLY_H_
#define SERVICES_COMMON_TESTING_EVENTUALLY_H_

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace praxis::testing {

// Whether `condition` comes true before `limit` is over. Looks every
// millisecond; the limit is only reached by a test that fails.
inline bool Eventually(absl::FunctionRef<bool()> condition,
                       absl::Duration limit = absl::Seconds(20)) {
  const absl::Time end = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return true;
}

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_EVENTUALLY_H_
