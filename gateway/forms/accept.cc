#include "gateway/forms/accept.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace praxis::gateway {
namespace {

// "q=0.5"; other parameters say nothing about preference.
std::optional<double> WeightOf(absl::string_view parameter) {
  parameter = absl::StripAsciiWhitespace(parameter);
  if (!absl::StartsWithIgnoreCase(parameter, "q=")) return std::nullopt;
  parameter.remove_prefix(2);
  double weight = 0;
  const bool plain =
      parameter.find_first_not_of("0123456789.") == absl::string_view::npos &&
      absl::SimpleAtod(parameter, &weight);
  return plain && weight <= 1 ? weight : 0;
}

}  // namespace

std::optional<double> QualityOf(absl::string_view accept,
                                absl::string_view media_type) {
  for (const absl::string_view range : absl::StrSplit(accept, ',')) {
    // Looked at before it is taken apart: a list may have thousands.
    const absl::string_view name = range.substr(0, range.find(';'));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(name), media_type)) {
      continue;
    }
    for (const absl::string_view part : absl::StrSplit(range, ';')) {
      if (const auto weight = WeightOf(part)) return weight;
    }
    return 1;
  }
  return std::nullopt;
}

}  // namespace praxis::gateway
