#include "gateway/transcode/number_text.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace praxis::gateway {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

const char* SkipDigits(const char* text, const char* end) {
  while (text != end && IsDigit(*text)) ++text;
  return text;
}

// A number taken apart: +-0.DIGITS * 10^point, where DIGITS are `whole` and
// then `fraction`.
struct Decimal {
  bool negative = false;
  absl::string_view whole;
  absl::string_view fraction;
  int64_t point = 0;
};

// An exponent beyond this leaves no 64-bit integer but 0, however many digits
// a body of a mebibyte may have.
constexpr int64_t kMaxExponent = 100'000'000;

// False if it is not a number of the grammar.
bool Split(absl::string_view text, Decimal* number) {
  const char* const end = text.data() + text.size();
  if (text.empty() || SkipNumber(text.data(), end) != end) return false;
  const char* at = text.data();
  number->negative = *at == '-';
  if (number->negative) ++at;
  const char* digits = at;
  at = SkipDigits(at, end);
  number->whole = absl::string_view(digits, at - digits);
  number->point = at - digits;
  if (at != end && *at == '.') {
    digits = ++at;
    at = SkipDigits(at, end);
    number->fraction = absl::string_view(digits, at - digits);
  }
  if (at == end) return true;
  ++at;  // e or E
  const bool down = *at == '-';
  if (*at == '-' || *at == '+') ++at;
  int64_t exponent = 0;
  for (; at != end; ++at) {
    exponent = std::min(exponent * 10 + (*at - '0'), kMaxExponent);
  }
  number->point += down ? -exponent : exponent;
  return true;
}

// The absolute value. False if it is not whole or does not fit.
bool Magnitude(const Decimal& number, uint64_t* value) {
  *value = 0;
  int64_t position = 0;  // of the digit, counted from the front
  for (const absl::string_view digits : {number.whole, number.fraction}) {
    for (const char c : digits) {
      const uint64_t digit = c - '0';
      if (position++ >= number.point) {
        if (digit != 0) return false;  // behind the decimal point
        continue;
      }
      if (__builtin_mul_overflow(*value, uint64_t{10}, value) ||
          __builtin_add_overflow(*value, digit, value)) {
        return false;
      }
    }
  }
  if (*value == 0) return true;
  for (; position < number.point; ++position) {
    if (__builtin_mul_overflow(*value, uint64_t{10}, value)) return false;
  }
  return true;
}

// The usual case first: an optional sign and digits that fit.
template <typename Integer>
bool ParsePlain(absl::string_view text, Integer* value) {
  const char* const end = text.data() + text.size();
  const char* const digits = text.data() + (text.size() > 1 && text[0] == '-');
  if (text.empty() || (*digits == '0' && end - digits > 1)) return false;
  const auto [last, error] = std::from_chars(text.data(), end, *value);
  return error == std::errc() && last == end;
}

// Any way of writing a whole number, exactly, without going through a double.
template <typename Integer>
bool ParseInteger(absl::string_view text, Integer* value) {
  if (ParsePlain(text, value)) return true;
  using Limits = std::numeric_limits<Integer>;
  Decimal number;
  uint64_t magnitude;
  if (!Split(text, &number) || !Magnitude(number, &magnitude)) return false;
  if (number.negative && magnitude != 0) {
    // -min is one more than max.
    constexpr uint64_t kMost =
        Limits::is_signed ? uint64_t{Limits::max()} + 1 : 0;
    if (magnitude > kMost) return false;
    *value = static_cast<Integer>(0 - magnitude);
    return true;
  }
  if (magnitude > uint64_t{Limits::max()}) return false;
  *value = static_cast<Integer>(magnitude);
  return true;
}

// from_chars rounds correctly (IEEE 754) but does not say whether what it
// cannot represent is too large or too small.
template <typename Float>
bool ParseFloating(absl::string_view text, Float* value) {
  const char* const end = text.data() + text.size();
  if (text.empty() || SkipNumber(text.data(), end) != end) return false;
  const auto [last, error] = std::from_chars(text.data(), end, *value);
  if (error != std::errc::result_out_of_range) return last == end;
  // Too large or too small: the exponent of the first digit that counts tells.
  Decimal number;
  Split(text, &number);
  for (const absl::string_view digits : {number.whole, number.fraction}) {
    for (const char c : digits) {
      if (c != '0') {
        *value = number.negative ? Float{-0.0} : Float{0};
        return number.point < 0;
      }
      --number.point;
    }
  }
  return false;  // not reached: zero is in range
}

}  // namespace

const char* SkipNumber(const char* text, const char* end) {
  if (text != end && *text == '-') ++text;
  const char* digits = text;
  if (text == end || !IsDigit(*text)) return nullptr;
  text = *text == '0' ? text + 1 : SkipDigits(text, end);
  if (text != end && *text == '.') {
    digits = ++text;
    text = SkipDigits(text, end);
    if (text == digits) return nullptr;
  }
  if (text != end && (*text == 'e' || *text == 'E')) {
    ++text;
    if (text != end && (*text == '+' || *text == '-')) ++text;
    digits = text;
    text = SkipDigits(text, end);
    if (text == digits) return nullptr;
  }
  return text;
}

bool ParseInt32(absl::string_view text, int32_t* value) {
  return ParseInteger(text, value);
}
bool ParseUint32(absl::string_view text, uint32_t* value) {
  return ParseInteger(text, value);
}
bool ParseInt64(absl::string_view text, int64_t* value) {
  return ParseInteger(text, value);
}
bool ParseUint64(absl::string_view text, uint64_t* value) {
  return ParseInteger(text, value);
}
bool ParseDouble(absl::string_view text, double* value) {
  return ParseFloating(text, value);
}
bool ParseFloat(absl::string_view text, float* value) {
  return ParseFloating(text, value);
}

}  // namespace praxis::gateway
