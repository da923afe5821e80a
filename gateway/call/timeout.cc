#include "gateway/call/timeout.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// Digits and nothing else; no time at all is the least there is.
absl::StatusOr<absl::Duration> Times(absl::string_view digits,
                                     size_t digits_max, absl::Duration unit,
                                     absl::string_view header) {
  int64_t number = 0;
  if (digits.size() > digits_max ||
      digits.find_first_not_of("0123456789") != digits.npos ||
      unit == absl::ZeroDuration() || !absl::SimpleAtoi(digits, &number)) {
    return Error(Reason::HEADER_INVALID,
                 absl::StrCat(header, " is no time-out of its protocol."));
  }
  return std::clamp(number * unit, absl::Milliseconds(1), kTimeoutMax);
}

absl::Duration UnitOf(char c) {
  switch (c) {
    case 'H':
      return absl::Hours(1);
    case 'M':
      return absl::Minutes(1);
    case 'S':
      return absl::Seconds(1);
    case 'm':
      return absl::Milliseconds(1);
    case 'u':
      return absl::Microseconds(1);
    case 'n':
      return absl::Nanoseconds(1);
    default:
      return absl::ZeroDuration();
  }
}

}  // namespace

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

absl::StatusOr<absl::Duration> ParseConnectTimeout(absl::string_view text) {
  return Times(text, 10, absl::Milliseconds(1), "Connect-Timeout-Ms");
}

absl::StatusOr<absl::Duration> ParseGrpcTimeout(absl::string_view text) {
  const absl::Duration unit = UnitOf(text.empty() ? '\0' : text.back());
  return Times(text.substr(0, text.size() - !text.empty()), 8, unit,
               "Grpc-Timeout");
}

}  // namespace praxis::gateway
