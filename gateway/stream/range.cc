#include "gateway/stream/range.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace praxis::gateway {
namespace {

// Digits only: SimpleAtoi also takes signs and white space.
bool ParseNumber(absl::string_view text, int64_t* number) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, number);
}

}  // namespace

std::optional<Range> ParseRange(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "bytes=")) return std::nullopt;
  text = absl::StripAsciiWhitespace(text);
  const size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const absl::string_view first = text.substr(0, dash);
  const absl::string_view last = text.substr(dash + 1);

  Range range;
  if (first.empty()) {
    // "-0" asks for nothing at all, which no range can say.
    if (!ParseNumber(last, &range.offset) || range.offset == 0) {
      return std::nullopt;
    }
    range.offset = -range.offset;
    return range;
  }
  if (!ParseNumber(first, &range.offset)) return std::nullopt;
  if (last.empty()) return range;
  int64_t end = 0;
  if (!ParseNumber(last, &end) || end < range.offset) return std::nullopt;
  range.limit = end - range.offset;
  // All bytes there can be need no limit.
  range.limit = range.limit == INT64_MAX ? 0 : range.limit + 1;
  return range;
}

}  // namespace praxis::gateway
