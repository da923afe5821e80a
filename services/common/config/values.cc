#include "services/common/config/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace praxis::config {
namespace {

struct Unit {
  absl::string_view name;
  int64_t bytes;
};
constexpr Unit kUnits[] = {
    {"TiB", int64_t{1} << 40}, {"GiB", int64_t{1} << 30},
    {"MiB", int64_t{1} << 20}, {"KiB", int64_t{1} << 10},
    {"TB", 1'000'000'000'000}, {"GB", 1'000'000'000},
    {"MB", 1'000'000},         {"kB", 1'000},
};

// Covers what is between `from` and `to`.
void Cover(std::string* text, size_t from, size_t to) {
  text->replace(from, to - from, "***");
}

constexpr auto npos = std::string::npos;

}  // namespace

std::optional<bool> ParseBool(absl::string_view text) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") {
    return true;
  }
  if (text == "false" || text == "0" || text == "no" || text == "off") {
    return false;
  }
  return std::nullopt;
}

std::optional<int64_t> ParseBytes(absl::string_view text) {
  int64_t unit = 1;
  for (const Unit& candidate : kUnits) {
    if (absl::EndsWith(text, candidate.name)) {
      unit = candidate.bytes;
      text.remove_suffix(candidate.name.size());
      break;
    }
  }
  if (text.empty() ||
      !std::all_of(text.begin(), text.end(),
                   [](unsigned char c) { return absl::ascii_isdigit(c); })) {
    return std::nullopt;
  }
  int64_t count;
  if (!absl::SimpleAtoi(text, &count) ||
      count > std::numeric_limits<int64_t>::max() / unit) {
    return std::nullopt;
  }
  return count * unit;
}

std::string BytesText(int64_t bytes) {
  for (const Unit& unit : kUnits) {
    const bool binary = absl::StrContains(unit.name, 'i');
    if (binary && bytes != 0 && bytes % unit.bytes == 0) {
      return absl::StrCat(bytes / unit.bytes, unit.name);
    }
  }
  return absl::StrCat(bytes);
}

std::optional<absl::Duration> ParseDuration(absl::string_view text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration) ||
      duration < absl::ZeroDuration() || duration == absl::InfiniteDuration()) {
    return std::nullopt;
  }
  return duration;
}

bool IsAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return false;
  const absl::string_view host = text.substr(0, colon);
  int port;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return false;
  }
  // Colons inside a host are those of an IPv6 address, in brackets.
  const bool bracketed = absl::StartsWith(host, "[") &&
                         absl::EndsWith(host, "]") && host.size() > 2;
  return bracketed || host.find_first_of(":[]/ ") == absl::string_view::npos;
}

bool IsAddressList(absl::string_view text) {
  const std::vector<std::string> addresses = absl::StrSplit(text, ',');
  if (addresses.size() == 1) return IsAddress(text);
  return std::all_of(
      addresses.begin(), addresses.end(), [](const std::string& address) {
        in_addr ignored;
        return IsAddress(address) &&
               inet_pton(AF_INET, address.substr(0, address.rfind(':')).c_str(),
                         &ignored) == 1;
      });
}

std::string MaskPasswords(absl::string_view text) {
  std::string masked(text);
  for (size_t at = 0; (at = masked.find("://", at)) != npos;) {
    at += 3;
    const size_t end = masked.find_first_of("/?# ,", at);
    const size_t sign = masked.rfind('@', end);
    const size_t colon = masked.find(':', at);
    if (sign != npos && colon != npos && colon < sign) {
      Cover(&masked, colon + 1, sign);
    }
  }
  constexpr absl::string_view kPassword = "password=";
  for (size_t at = 0; (at = masked.find(kPassword.data(), at)) != npos;) {
    at += kPassword.size();
    size_t end = masked.find_first_of(" &", at);
    // libpq: a value in quotes holds spaces.
    if (masked[at] == '\'') {
      end = masked.find('\'', at + 1);
      if (end != npos) ++end;
    }
    Cover(&masked, at, std::min(end, masked.size()));
  }
  return masked;
}

int EditDistance(absl::string_view a, absl::string_view b) {
  // Row by row: costs[j] is the distance of what was read of `a` to b[0, j).
  std::vector<int> costs(b.size() + 1);
  std::iota(costs.begin(), costs.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    int diagonal = costs[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = costs[j + 1];
      costs[j + 1] = std::min({replaced, diagonal + 1, costs[j] + 1});
    }
  }
  return costs.back();
}

}  // namespace praxis::config
