// Ranges of bytes (RFC 9110, 14).
#ifndef GATEWAY_STREAM_RANGE_H_
#define GATEWAY_STREAM_RANGE_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// One range, as praxis.http.v1.ByteRange has it.
struct Range {
  // First byte; negative: that many from the end.
  int64_t offset = 0;
  // How many; 0 is all that follow.
  int64_t limit = 0;
};

// The header Range, if it asks for one range of bytes. What is malformed, in
// another unit, or several ranges at once is as if it were not there, which the
// standard allows: the whole body is sent.
std::optional<Range> ParseRange(absl::string_view text);

}  // namespace praxis::gateway

#endif  // GATEWAY_STREAM_RANGE_H_
