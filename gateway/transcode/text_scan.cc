#include "gateway/transcode/text_scan.h"

namespace praxis::gateway {

int Utf8Length(const char* text, const char* end) {
  const ptrdiff_t room = end - text;
  const auto byte = [text](int i) { return static_cast<uint8_t>(text[i]); };
  const auto follows = [text](int i) { return (text[i] & 0xc0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0xe0) {
    return first >= 0xc2 && room >= 2 && follows(1) ? 2 : 0;
  }
  if (first < 0xf0) {
    if (room < 3 || !follows(1) || !follows(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;   // overlong
    if (first == 0xed && byte(1) >= 0xa0) return 0;  // surrogate
    return 3;
  }
  if (first > 0xf4 || room < 4) return 0;
  if (!follows(1) || !follows(2) || !follows(3)) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;   // overlong
  if (first == 0xf4 && byte(1) >= 0x90) return 0;  // above U+10FFFF
  return 4;
}

// For texts of URLs, which are short; bodies are checked as they are scanned.
bool IsUtf8(const char* text, const char* end) {
  while (text != end) {
    if (*text >= 0) {
      ++text;
      continue;
    }
    const int length = Utf8Length(text, end);
    if (length == 0) return false;
    text += length;
  }
  return true;
}

}  // namespace praxis::gateway
