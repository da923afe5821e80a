#include "gateway/transcode/time_text.h"

#include <charconv>
#include <cstddef>

#include "absl/strings/strip.h"

namespace praxis::gateway {
namespace {

constexpr int64_t kDay = 24 * 60 * 60;
constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z
constexpr int64_t kMaxDuration = 315576000000;  // 10,000 years
constexpr int32_t kBillion = 1000000000;

// Days from 1970-01-01 back to 0000-03-01. Years that begin in March have
// their leap day at the end, which makes months a linear function of days.
constexpr int64_t kEpochFromMarch0 = 719468;
constexpr int64_t kDaysPer400Years = 146097;

// Days since 1970-01-01 of a date in the Gregorian calendar, year >= 0.
int64_t DayOf(int year, int month, int day) {
  const int64_t y = month > 2 ? year : year - 1;
  const int64_t month_from_march = (month + 9) % 12;
  return y * 365 + y / 4 - y / 100 + y / 400 +
         (153 * month_from_march + 2) / 5 + day - 1 - kEpochFromMarch0;
}

// Days of a month, 1 to 12, in the Gregorian calendar.
int DaysIn(int year, int month) {
  static constexpr int8_t kDays[] = {31, 28, 31, 30, 31, 30,
                                     31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

// Two digits, 00 to 99.
char* Put2(int value, char* out) {
  *out++ = static_cast<char>('0' + value / 10);
  *out++ = static_cast<char>('0' + value % 10);
  return out;
}

// Three digits, 000 to 999.
char* Put3(int value, char* out) {
  *out++ = static_cast<char>('0' + value / 100);
  return Put2(value % 100, out);
}

// The inverse of DayOf: "YYYY-MM-DD".
char* PutDate(int64_t day, char* out) {
  const int64_t days = day + kEpochFromMarch0;
  const int64_t cycle = days / kDaysPer400Years;
  const int in_cycle = static_cast<int>(days % kDaysPer400Years);
  const int year_in_cycle = (in_cycle - in_cycle / 1460 + in_cycle / 36524 -
                             in_cycle / (kDaysPer400Years - 1)) /
                            365;
  const int in_year = in_cycle - (365 * year_in_cycle + year_in_cycle / 4 -
                                  year_in_cycle / 100);
  const int month_from_march = (5 * in_year + 2) / 153;
  const int month =
      month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const int year =
      static_cast<int>(cycle) * 400 + year_in_cycle + (month <= 2 ? 1 : 0);
  out = Put2(year / 100, out);
  out = Put2(year % 100, out);
  *out++ = '-';
  out = Put2(month, out);
  *out++ = '-';
  return Put2(in_year - (153 * month_from_march + 2) / 5 + 1, out);
}

// Nothing, or "." and as many of 3, 6 or 9 digits as it takes.
char* PutFraction(int32_t nanos, char* out) {
  if (nanos == 0) return out;
  *out++ = '.';
  out = Put3(nanos / 1000000, out);
  if (nanos % 1000000 == 0) return out;
  out = Put3(nanos / 1000 % 1000, out);
  if (nanos % 1000 == 0) return out;
  return Put3(nanos % 1000, out);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Two digits, or a number over 99 if they are none.
int Take2(const char* text) {
  const unsigned tens = static_cast<unsigned char>(text[0]) - '0';
  const unsigned ones = static_cast<unsigned char>(text[1]) - '0';
  return tens > 9 || ones > 9 ? 100 : static_cast<int>(tens * 10 + ones);
}

// Reads "." and 1 to 9 digits, in billionths, if a point comes next. False if
// it is not followed by so many.
bool TakeFraction(absl::string_view* text, int32_t* nanos) {
  *nanos = 0;
  if (text->empty() || text->front() != '.') return true;
  size_t digits = 0;
  int32_t unit = kBillion;
  while (digits + 1 < text->size() && IsDigit((*text)[digits + 1])) {
    if (++digits > 9) return false;
    unit /= 10;
    *nanos += unit * ((*text)[digits] - '0');
  }
  text->remove_prefix(digits + 1);
  return digits > 0;
}

// All of `text` is "Z" or an offset from UTC, in seconds to the east.
bool TakeOffset(absl::string_view text, int64_t* offset) {
  *offset = 0;
  if (text == "Z") return true;
  if (text.size() != 6 || text[3] != ':') return false;
  const int hours = Take2(&text[1]);
  const int minutes = Take2(&text[4]);
  if (hours > 23 || minutes > 59) return false;
  if (text[0] != '+' && text[0] != '-') return false;
  *offset = (hours * 60 + minutes) * (text[0] == '+' ? 60 : -60);
  return true;
}

}  // namespace

char* PutTimestamp(const SecondsNanos& time, char* out) {
  if (time.seconds < kFirstSecond || time.seconds > kLastSecond ||
      time.nanos < 0 || time.nanos >= kBillion) {
    return nullptr;
  }
  const int64_t since_first = time.seconds - kFirstSecond;
  const int second = static_cast<int>(since_first % kDay);
  out = PutDate(since_first / kDay + kFirstSecond / kDay, out);
  *out++ = 'T';
  out = Put2(second / 3600, out);
  *out++ = ':';
  out = Put2(second / 60 % 60, out);
  *out++ = ':';
  out = Put2(second % 60, out);
  out = PutFraction(time.nanos, out);
  *out++ = 'Z';
  return out;
}

char* PutDuration(const SecondsNanos& time, char* out) {
  if (time.seconds < -kMaxDuration || time.seconds > kMaxDuration ||
      time.nanos <= -kBillion || time.nanos >= kBillion ||
      (time.seconds < 0 && time.nanos > 0) ||
      (time.seconds > 0 && time.nanos < 0)) {
    return nullptr;
  }
  const bool negative = time.seconds < 0 || time.nanos < 0;
  if (negative) *out++ = '-';
  out =
      std::to_chars(out, out + 20, negative ? -time.seconds : time.seconds).ptr;
  out = PutFraction(negative ? -time.nanos : time.nanos, out);
  *out++ = 's';
  return out;
}

bool ParseTimestamp(absl::string_view text, SecondsNanos* time) {
  constexpr size_t kWhole = sizeof("2006-01-02T15:04:05") - 1;
  if (text.size() <= kWhole || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return false;
  }
  const int century = Take2(&text[0]);
  const int in_century = Take2(&text[2]);
  const int year = century * 100 + in_century;
  const int month = Take2(&text[5]);
  const int day = Take2(&text[8]);
  const int hour = Take2(&text[11]);
  const int minute = Take2(&text[14]);
  const int second = Take2(&text[17]);
  if (century > 99 || in_century > 99 || month < 1 || month > 12 || day < 1 ||
      day > DaysIn(year, month) || hour > 23 || minute > 59 || second > 59) {
    return false;
  }
  text.remove_prefix(kWhole);
  int64_t offset;
  if (!TakeFraction(&text, &time->nanos) || !TakeOffset(text, &offset)) {
    return false;
  }
  time->seconds = DayOf(year, month, day) * kDay + hour * 3600 + minute * 60 +
                  second - offset;
  return time->seconds >= kFirstSecond && time->seconds <= kLastSecond;
}

bool ParseDuration(absl::string_view text, SecondsNanos* time) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (text.empty() || !IsDigit(text.front())) return false;
  time->seconds = 0;
  for (; !text.empty() && IsDigit(text.front()); text.remove_prefix(1)) {
    time->seconds = time->seconds * 10 + (text.front() - '0');
    if (time->seconds > kMaxDuration) return false;
  }
  if (!TakeFraction(&text, &time->nanos) || text != "s") return false;
  // Ten thousand years and a fraction are beyond the range.
  if (time->seconds == kMaxDuration && time->nanos != 0) return false;
  if (negative) {
    time->seconds = -time->seconds;
    time->nanos = -time->nanos;
  }
  return true;
}

}  // namespace praxis::gateway
