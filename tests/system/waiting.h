// Eventually: how a test waits for what another process does.
#ifndef TESTS_SYSTEM_WAITING_H_
#define TESTS_SYSTEM_WAITING_H_

#include <poll.h>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace praxis::system {

// Whether `condition` comes true before `limit` is over. Looks every two
// milliseconds; the limit is only reached by a test that fails.
inline bool Eventually(absl::FunctionRef<bool()> condition,
                       absl::Duration limit = absl::Seconds(30)) {
  const absl::Time end = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > end) return false;
    poll(nullptr, 0, /*timeout=*/2);
  }
  return true;
}

}  // namespace praxis::system

#endif  // TESTS_SYSTEM_WAITING_H_
