#include "gateway/call/timeout.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "services/common/status/status.h"

namespace praxis::gateway {

// What is longer than the limit is refused and not cut: the client would
// believe in time it does not have.
absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view text) {
  absl::Duration unit = absl::Seconds(1);
  if (absl::ConsumeSuffix(&text, "ms")) {
    unit = absl::Milliseconds(1);
  } else {
    absl::ConsumeSuffix(&text, "s");
  }
  double number = 0;
  // SimpleAtod also takes signs, exponents and "inf".
  const bool plain =
      text.size() <= 16 && std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isdigit(c) || c == '.';
      });
  if (plain && absl::SimpleAtod(text, &number)) {
    const absl::Duration timeout = number * unit;
    if (timeout > absl::ZeroDuration() && timeout <= kTimeoutMax) {
      return timeout;
    }
  }
  return Error(Reason::HEADER_INVALID,
               "X-Request-Timeout must be more than 0 and at most 300 seconds, "
               "such as 5, 1.5s or 500ms.");
}

}  // namespace praxis::gateway
