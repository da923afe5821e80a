// How the status page says numbers and times.
#ifndef GATEWAY_OPS_STATUS_WORDING_H_
#define GATEWAY_OPS_STATUS_WORDING_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::gateway {

// Text for HTML, also within an attribute in double quotes.
std::string Escaped(absl::string_view text);

// "1 234 567", with narrow spaces that do not break.
std::string Grouped(int64_t number);

// A number of about three digits: "0", "0.25", "3", "3.4", "120", "1 200".
std::string Rounded(double number);

// Of a share of 0 to 1: "0", "0.02", "1.5", "100", the sign not among it.
std::string Percent(double share);

// How long a call takes: "350 µs", "1.2 ms", "34 ms", "2.5 s".
std::string Latency(absl::Duration duration);

// How long a state lasts: "5 s", "12 min", "3 h 20 min", "4 d 2 h".
std::string Span(absl::Duration duration);

// "14:02" of today, else "25 Nov, 14:02"; UTC.
std::string Clock(absl::Time time, absl::Time now);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_STATUS_WORDING_H_
