#include "gateway/transcode/json_unescape.h"

#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"

namespace praxis::gateway {
namespace {

// Writes a code point as UTF-8 and answers its end.
char* PutUtf8(uint32_t code, char* out) {
  const auto follow = [](uint32_t bits) {
    return static_cast<char>(0x80 | (bits & 0x3f));
  };
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
    return out;
  }
  if (code < 0x800) {
    *out++ = static_cast<char>(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xe0 | code >> 12);
    *out++ = follow(code >> 6);
  } else {
    *out++ = static_cast<char>(0xf0 | code >> 18);
    *out++ = follow(code >> 12);
    *out++ = follow(code >> 6);
  }
  *out++ = follow(code);
  return out;
}

// Reads "\uXXXX" at `text`; false if it is not there.
bool ReadUnit(const char* text, const char* end, uint32_t* unit) {
  if (end - text < 6 || text[0] != '\\' || text[1] != 'u') return false;
  *unit = 0;
  for (int i = 2; i < 6; ++i) {
    const char c = absl::ascii_tolower(text[i]);
    if (!absl::ascii_isxdigit(c)) return false;
    *unit =
        *unit << 4 | static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return true;
}

// An escape of UTF-16 units: one, or a high surrogate and a low one.
bool UnescapeUnits(const char** from, const char* end, char** to) {
  uint32_t code;
  if (!ReadUnit(*from, end, &code)) return false;
  int length = 6;
  if (code >= 0xd800 && code < 0xe000) {
    uint32_t low;
    if (code >= 0xdc00 || !ReadUnit(*from + 6, end, &low) || low < 0xdc00 ||
        low >= 0xe000) {
      return false;
    }
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    length = 12;
  }
  *to = PutUtf8(code, *to);
  *from += length;
  return true;
}

// What "\c" stands for, or NUL if it is no escape of one letter.
char MeaningOf(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

// Replaces the escape sequence at *from by its meaning at *to, which is never
// longer, and moves both. False if it is none.
bool UnescapeOne(const char** from, const char* end, char** to) {
  const char meaning = MeaningOf((*from)[1]);
  if (meaning == '\0') return UnescapeUnits(from, end, to);
  *(*to)++ = meaning;
  *from += 2;
  return true;
}

}  // namespace

const char* UnescapeJson(absl::string_view text, std::string* out) {
  const char* from = text.data();
  const char* const end = from + text.size();
  out->resize(text.size());  // an escape is longer than what it means
  char* to = out->data();
  while (from != end) {
    const void* slash = std::memchr(from, '\\', end - from);
    const char* next = slash == nullptr ? end : static_cast<const char*>(slash);
    std::memcpy(to, from, next - from);
    to += next - from;
    from = next;
    if (from != end && !UnescapeOne(&from, end, &to)) return from;
  }
  out->resize(to - out->data());
  return nullptr;
}

}  // namespace praxis::gateway
