#include "gateway/transcode/json_text.h"

#include <cmath>
#include <string>

#include "absl/strings/escaping.h"
#include "gateway/transcode/text_scan.h"

namespace praxis::gateway {
namespace {

// Beside what is left of the text: a closing quote, the longest escape and the
// block that a copy may write too much.
constexpr size_t kSlack = 1 + 6 + TextBlock::kSize;

// The shortest escape of an ASCII character.
char* PutEscape(char c, char* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  *out++ = '\\';
  switch (c) {
    case '"':
    case '\\':
      *out++ = c;
      return out;
    case '\b':
      *out++ = 'b';
      return out;
    case '\f':
      *out++ = 'f';
      return out;
    case '\n':
      *out++ = 'n';
      return out;
    case '\r':
      *out++ = 'r';
      return out;
    case '\t':
      *out++ = 't';
      return out;
    default:
      *out++ = 'u';
      *out++ = '0';
      *out++ = '0';
      *out++ = kHex[c >> 4];
      *out++ = kHex[c & 15];
      return out;
  }
}

// Writes the character at *text, which is not plain, and steps over it. Null
// if it is not UTF-8.
char* PutSpecial(const char** text, const char* end, char* out) {
  if (**text >= 0) return PutEscape(*(*text)++, out);
  const int length = Utf8Length(*text, end);
  if (length == 0) return nullptr;
  for (int i = 0; i < length; ++i) *out++ = *(*text)++;
  return out;
}

}  // namespace

// Plain stretches are copied in blocks; between them stand characters that are
// escaped, or that are more than one byte and must be valid.
bool AppendJsonString(absl::string_view text, const char* limit,
                      AppendBuffer* out) {
  const char* from = text.data();
  const char* const end = from + text.size();
  char* to = out->Reserve(1 + text.size() + kSlack);
  *to++ = '"';
  while (true) {
    to = CopyPlain(&from, end, limit, to);
    if (from == end) break;
    out->Advance(to);
    to = PutSpecial(&from, end, out->Reserve(end - from + kSlack));
    if (to == nullptr) return false;
  }
  *to++ = '"';
  out->Advance(to);
  return true;
}

void AppendBase64(absl::string_view bytes, AppendBuffer* out) {
  out->Append('"');
  out->Append(absl::Base64Escape(bytes));
  out->Append('"');
}

template <typename Float>
void AppendFloat(Float value, AppendBuffer* out) {
  if (std::isnan(value)) return out->Append(R"("NaN")");
  if (std::isinf(value)) {
    return out->Append(value > 0 ? R"("Infinity")" : R"("-Infinity")");
  }
  // Whole numbers as such: the shortest form of a million is 1e+06.
  constexpr Float kWhole = 1e15;
  char* const at = out->Reserve(32);
  if (std::abs(value) < kWhole && value == std::trunc(value) &&
      !(value == 0 && std::signbit(value))) {
    return out->Advance(
        std::to_chars(at, at + 32, static_cast<int64_t>(value)).ptr);
  }
  out->Advance(std::to_chars(at, at + 32, value).ptr);
}

template void AppendFloat(float, AppendBuffer*);
template void AppendFloat(double, AppendBuffer*);

}  // namespace praxis::gateway
