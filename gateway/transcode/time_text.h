// Timestamps and durations as text, the way proto3 JSON writes them.
#ifndef GATEWAY_TRANSCODE_TIME_TEXT_H_
#define GATEWAY_TRANSCODE_TIME_TEXT_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// google.protobuf.Timestamp (since 1970-01-01T00:00:00Z) or Duration, whose
// parts have the same sign.
struct SecondsNanos {
  int64_t seconds = 0;
  int32_t nanos = 0;
};

// Enough for what the Put functions write.
constexpr int kTimeTextSize = 40;

// RFC 3339 in UTC with 0, 3, 6 or 9 digits of fraction. The end of the text, or
// null if the time is not within the years 1 to 9999.
char* PutTimestamp(const SecondsNanos& time, char* out);

// "-1.500s". Null beyond +-10,000 years or when the signs differ.
char* PutDuration(const SecondsNanos& time, char* out);

// RFC 3339 with any offset and 1 to 9 digits of fraction, years 1 to 9999.
// "T" and "Z" are upper case. No leap seconds: 23:59:60 is refused.
bool ParseTimestamp(absl::string_view text, SecondsNanos* time);

// Seconds with up to 9 digits of fraction and an "s".
bool ParseDuration(absl::string_view text, SecondsNanos* time);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_TIME_TEXT_H_
