#include "services/members/domain/attempts.h"

#include <algorithm>

#include "services/common/status/status.h"

namespace praxis::members {
namespace {

constexpr int kFreeFailures = 4;
constexpr absl::Duration kFirstLock = absl::Seconds(30);
constexpr absl::Duration kLongestLock = absl::Minutes(15);
// 30 s doubled so often is past the longest.
constexpr int kDoublingsMax = 5;

bool Forgotten(const Attempts& attempts, absl::Time now) {
  return now - attempts.last_failure >= kAttemptsKept;
}

absl::Duration LockAfter(int failures) {
  if (failures <= kFreeFailures) return absl::ZeroDuration();
  const int doublings = std::min(failures - kFreeFailures - 1, kDoublingsMax);
  return std::min(kFirstLock * (1 << doublings), kLongestLock);
}

}  // namespace

absl::Status MaySignIn(const Attempts& attempts, absl::Time now) {
  if (Forgotten(attempts, now)) return absl::OkStatus();
  const absl::Duration left =
      attempts.last_failure + LockAfter(attempts.failures) - now;
  if (left <= absl::ZeroDuration()) return absl::OkStatus();
  return RetryAfter(
      Error(Reason::RATE_LIMITED,
            "Too many failed sign-ins to this handle; wait, then try again."),
      left);
}

Attempts AfterFailure(const Attempts& attempts, absl::Time now) {
  const int before = Forgotten(attempts, now) ? 0 : attempts.failures;
  return {.failures = before + 1, .last_failure = now};
}

}  // namespace praxis::members
