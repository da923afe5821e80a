#include "gateway/ops/status/wording.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace praxis::gateway {
namespace {

// Between digits, and between a number and its unit: U+202F and U+00A0.
constexpr absl::string_view kNarrowSpace = "\u202f";
constexpr absl::string_view kSpace = "\u00a0";

std::string With(absl::string_view number, absl::string_view unit) {
  return absl::StrCat(number, kSpace, unit);
}

// "3 h 20 min", and "3 h" when there is no rest.
std::string TwoUnits(int64_t large, absl::string_view large_unit, int64_t small,
                     absl::string_view small_unit) {
  std::string text = With(absl::StrCat(large), large_unit);
  if (small > 0) {
    absl::StrAppend(&text, " ", With(absl::StrCat(small), small_unit));
  }
  return text;
}

}  // namespace

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"},
                                    {"<", "&lt;"},
                                    {">", "&gt;"},
                                    {"\"", "&quot;"},
                                    {"'", "&#39;"}});
}

std::string Grouped(int64_t number) {
  std::string digits = absl::StrCat(std::abs(number));
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(at, std::string(kNarrowSpace));
  }
  return number < 0 ? absl::StrCat("\u2212", digits) : digits;
}

std::string Rounded(double number) {
  if (number == 0) return "0";
  if (number < 1) return absl::StrFormat("%.2g", std::max(number, 0.01));
  if (number < 9.95) return absl::StrFormat("%.2g", number);
  return Grouped(std::llround(number));
}

std::string Percent(double share) { return Rounded(share * 100); }

std::string Latency(absl::Duration duration) {
  const double us = absl::ToDoubleMicroseconds(duration);
  if (us < 999.5) return With(Grouped(std::llround(us)), "\u00b5s");
  if (us < 999'500) return With(Rounded(us / 1e3), "ms");
  return With(Rounded(us / 1e6), "s");
}

std::string Span(absl::Duration duration) {
  const int64_t seconds = std::max<int64_t>(0, absl::ToInt64Seconds(duration));
  if (seconds < 60) return With(absl::StrCat(seconds), "s");
  const int64_t minutes = seconds / 60;
  if (minutes < 60) return With(absl::StrCat(minutes), "min");
  const int64_t hours = minutes / 60;
  if (hours < 48) return TwoUnits(hours, "h", minutes % 60, "min");
  return TwoUnits(hours / 24, "d", hours % 24, "h");
}

std::string Clock(absl::Time time, absl::Time now) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const bool today = absl::ToCivilDay(time, utc) == absl::ToCivilDay(now, utc);
  return absl::FormatTime(today ? "%H:%M" : "%e %b, %H:%M", time, utc);
}

}  // namespace praxis::gateway
