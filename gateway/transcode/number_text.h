// Numbers read from text, by the grammar of JSON (RFC 8259, section 6).
#ifndef GATEWAY_TRANSCODE_NUMBER_TEXT_H_
#define GATEWAY_TRANSCODE_NUMBER_TEXT_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// The end of the JSON number that [text, end) begins with, or null if it does
// not begin with one: "01" ends after its "0", "1." and "+1" are none.
const char* SkipNumber(const char* text, const char* end);

// Reads a whole number; "1.0" and "1e2" are, "1.5" is not. All false when the
// text is anything else or out of the type's range.
bool ParseInt32(absl::string_view text, int32_t* value);
bool ParseUint32(absl::string_view text, uint32_t* value);
bool ParseInt64(absl::string_view text, int64_t* value);
bool ParseUint64(absl::string_view text, uint64_t* value);

// Reads a number, correctly rounded; "NaN" and the like are none. What is too
// small becomes 0, what is too large is refused.
bool ParseDouble(absl::string_view text, double* value);
bool ParseFloat(absl::string_view text, float* value);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_NUMBER_TEXT_H_
