#include "gateway/ops/status/check_table.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gateway/ops/status/plot.h"
#include "gateway/ops/status/wording.h"

namespace praxis::gateway {
namespace {

// Of the strip: a period has 10 units, a bar of one that failed is as high as
// the strip, the ground is not.
constexpr size_t kUnits = 10;

// "members/database" stands below "members" as "database".
absl::string_view ShortName(absl::string_view name) {
  const size_t slash = name.find('/');
  return slash == name.npos ? name : name.substr(slash + 1);
}

std::string State(const Health& check) {
  if (check.status.ok()) {
    // A lease is what an access check is about.
    return absl::StrCat(
        "<span class=\"state\">", Mark(true), "<span class=\"word\">",
        absl::EndsWith(check.name, "/access") ? "lease held" : "ok",
        "</span></span>");
  }
  return absl::StrCat(
      "<span class=\"state\">", Mark(false), "<span class=\"word\">",
      absl::EndsWith(check.name, "/access") ? "no lease" : "fails",
      "</span></span> <small class=\"why\">", Escaped(WhyOf(check)),
      "</small>");
}

// "1 234", or how far it is behind.
std::string Events(const Health& check, const std::vector<Health>& all) {
  const std::optional<int64_t> lag = LagOf(check, all);
  std::string text;
  for (const auto& [name, number] : check.numbers) {
    if (name == "latest") text = Grouped(number);
  }
  if (!lag.has_value()) return text;
  const std::string behind = Grouped(*lag) + " behind";
  return text.empty() ? behind : absl::StrCat(text, ", ", behind);
}

std::string Strip(const Health& check, const std::vector<Period>& hour) {
  const size_t first =
      hour.size() > kPlotPeriods ? hour.size() - kPlotPeriods : 0;
  const size_t shown = hour.size() - first;
  std::string bars;
  int failed = 0;
  for (size_t i = 0; i < shown; ++i) {
    if (!hour[first + i].failed.contains(check.name)) continue;
    ++failed;
    absl::StrAppend(&bars, "<rect class=\"down\" x=\"",
                    (kPlotPeriods - shown + i) * kUnits, "\" width=\"", kUnits,
                    "\" height=\"12\"/>");
  }
  const std::string said = shown == 0 ? "Nothing known yet"
                           : failed == 0
                               ? "It did not fail in the last hour"
                               : absl::StrCat("It failed in ", failed, " of ",
                                              shown, " half minutes");
  return absl::StrCat(
      "<svg class=\"strip\" role=\"img\" viewBox=\"0 0 ", kPlotPeriods * kUnits,
      " 12\" preserveAspectRatio=\"none\"><title>", said,
      "</title><rect class=\"hour\" y=\"5\" height=\"2\" width=\"",
      kPlotPeriods * kUnits,
      "\"/><rect class=\"known\" y=\"5\" height=\"2\" x=\"",
      (kPlotPeriods - shown) * kUnits, "\" width=\"", shown * kUnits, "\"/>",
      bars, "</svg>");
}

std::string Row(const Health& check, const std::vector<Health>& all,
                const std::vector<Period>& hour, absl::Time now) {
  const bool whole = !absl::StrContains(check.name, '/');
  std::string classes = whole ? "whole" : "part";
  if (!check.status.ok()) classes += " bad";
  std::string name = Escaped(ShortName(check.name));
  if (!check.version.empty()) {
    absl::StrAppend(&name, " <small>", Escaped(check.version), "</small>");
  }
  return absl::StrCat(
      "<tr class=\"", classes, "\"><th scope=\"row\">", name, "</th><td>",
      State(check), "</td><td class=\"number\"><time datetime=\"",
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", check.since, absl::UTCTimeZone()),
      "\" title=\"since ", Clock(check.since, now), "\">",
      Span(now - check.since), "</time></td><td class=\"number wide\">",
      check.latency == absl::ZeroDuration() ? "" : Latency(check.latency),
      "</td><td class=\"number\">", Events(check, all),
      "</td><td class=\"number wide\">", Strip(check, hour), "</td></tr>");
}

}  // namespace

std::string Mark(bool ok) {
  return absl::StrCat(
      "<svg class=\"mark\" viewBox=\"0 0 10 10\" aria-hidden=\"true\">",
      ok ? "<circle cx=\"5\" cy=\"5\" r=\"4.5\"/>"
         : "<path d=\"M5 0.5L10 9.5H0Z\"/>",
      "</svg>");
}

std::string CheckTable(const std::vector<Health>& checks,
                       const std::vector<Period>& hour, absl::Time now) {
  if (checks.empty()) return "";
  std::string html =
      "<section class=\"card\"><h2 id=\"services\">Services</h2>"
      "<table aria-labelledby=\"services\"><thead><tr><th scope=\"col\">Part"
      "</th><th scope=\"col\">State</th><th scope=\"col\" class=\"number\">For"
      "</th><th scope=\"col\" class=\"number wide\">Asked in</th>"
      "<th scope=\"col\" class=\"number\">Events</th>"
      "<th scope=\"col\" class=\"number wide\">Last hour</th></tr></thead>"
      "<tbody>";
  for (const Health& check : checks) html += Row(check, checks, hour, now);
  return html + "</tbody></table></section>";
}

}  // namespace praxis::gateway
