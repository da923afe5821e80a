#include "services/common/telemetry/json.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace praxis::telemetry {
namespace {

bool IsPlain(uint8_t byte) {
  return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

// Bytes of the UTF-8 sequence that `text` begins with, 0 if there is none
// (RFC 3629: the shortest form, no surrogates, up to U+10FFFF).
size_t SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first < 0xc2   ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const uint8_t second = byte(1);
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second >= 0xa0) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xf4 && second >= 0x90) return 0;
  return length;
}

void AppendEscaped(char c, std::string* out) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      absl::StrAppend(out, "\\u",
                      absl::Hex(static_cast<uint8_t>(c), absl::kZeroPad4));
  }
}

}  // namespace

void AppendJsonString(absl::string_view text, std::string* out) {
  out->push_back('"');
  size_t i = 0;
  while (i < text.size()) {
    // Most text is plain: it is copied in runs.
    size_t end = i;
    while (end < text.size() && IsPlain(text[end])) ++end;
    out->append(text.data() + i, end - i);
    i = end;
    if (i == text.size()) break;
    const size_t length = SequenceLength(text.substr(i));
    if (length == 0) {
      out->append("\xef\xbf\xbd");
      ++i;
    } else if (length == 1) {
      AppendEscaped(text[i++], out);
    } else {
      out->append(text.data() + i, length);
      i += length;
    }
  }
  out->push_back('"');
}

}  // namespace praxis::telemetry
