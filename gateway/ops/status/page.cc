#include "gateway/ops/status/page.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/ops/status/check_table.h"
#include "gateway/ops/status/plot.h"
#include "gateway/ops/status/style.h"
#include "gateway/ops/status/wording.h"

namespace praxis::gateway {
namespace {

// Samples of one point of a plot, and of what is called now.
constexpr size_t kPointSamples = History::kSamplesMax / kPlotPeriods;
constexpr size_t kNowSamples = 6;

// The value that `read` finds in each period that the plots have a place for.
template <typename Read>
std::vector<std::optional<double>> ValuesOf(const std::vector<Period>& hour,
                                            Read read) {
  std::vector<std::optional<double>> values;
  const size_t first =
      hour.size() > kPlotPeriods ? hour.size() - kPlotPeriods : 0;
  for (size_t i = first; i < hour.size(); ++i) values.push_back(read(hour[i]));
  return values;
}

std::optional<double> MillisAt(const Traffic& traffic, double q) {
  const std::optional<absl::Duration> latency = traffic.Quantile(q);
  if (!latency.has_value()) return std::nullopt;
  return absl::ToDoubleMilliseconds(*latency);
}

std::string LatencyNow(const StatusView& view, double q) {
  const std::optional<absl::Duration> latency =
      view.minute.has_value() ? view.minute->traffic.Quantile(q) : std::nullopt;
  return latency.has_value() ? Latency(*latency) : "\u2013";
}

std::string Card(absl::string_view title, absl::string_view now,
                 const Plot& plot) {
  return absl::StrCat("<section class=\"card\"><h2>", title,
                      "</h2><p class=\"now\">", now, "</p>", PlotHtml(plot),
                      "</section>");
}

std::string RateCard(const StatusView& view) {
  const Plot plot = {.id = "rate",
                     .title = "Requests per second",
                     .lines = {{.name = "Requests per second",
                                .values = ValuesOf(view.hour,
                                                   [](const Period& period) {
                                                     return period.Rate();
                                                   })}},
                     .label = Rounded};
  const double now = view.minute.has_value() ? view.minute->Rate() : 0;
  return Card("Requests",
              absl::StrCat("<span><b id=\"rate-now\">", Rounded(now),
                           "</b> per second</span>"),
              plot);
}

std::string ErrorCard(const StatusView& view) {
  const Plot plot = {
      .id = "errors",
      .title = "Share of requests that failed",
      .lines = {{.name = "Percent that failed",
                 .values = ValuesOf(view.hour,
                                    [](const Period& period) {
                                      return period.traffic.ErrorShare() * 100;
                                    })}},
      .label = [](double percent) { return Rounded(percent) + "\u00a0%"; }};
  const Traffic now =
      view.minute.has_value() ? view.minute->traffic : Traffic();
  Traffic hour;
  for (const Period& period : view.hour) hour.Add(period.traffic);
  return Card(
      "Errors",
      absl::StrCat("<span><b id=\"errors-now\">", Percent(now.ErrorShare()),
                   "\u00a0%</b></span><span><span id=\"errors-hour\">",
                   Grouped(static_cast<int64_t>(hour.errors)),
                   "</span> of <span id=\"requests-hour\">",
                   Grouped(static_cast<int64_t>(hour.requests)),
                   "</span> in the last hour</span>"),
      plot);
}

std::string LatencyCard(const StatusView& view) {
  const auto line = [&](const char* name, bool dashed, double q) {
    return Line{.name = name,
                .dashed = dashed,
                .values = ValuesOf(view.hour, [q](const Period& period) {
                  return MillisAt(period.traffic, q);
                })};
  };
  const Plot plot = {
      .id = "latency",
      .title = "Latency: median and 99th percentile",
      .lines = {line("p99", false, 0.99), line("p50", true, 0.5)},
      .logarithmic = true,
      .label = [](double ms) { return Latency(absl::Milliseconds(ms)); }};
  const auto key = [](absl::string_view dashed) {
    return absl::StrCat(
        "<svg class=\"key\" viewBox=\"0 0 16 6\" "
        "aria-hidden=\"true\"><path class=\"line",
        dashed, "\" d=\"M0 3H16\"/></svg>");
  };
  return Card(
      "Latency",
      absl::StrCat("<span><b id=\"p50-now\">", LatencyNow(view, 0.5), "</b> ",
                   key(" dashed"), "p50</span><span><b id=\"p99-now\">",
                   LatencyNow(view, 0.99), "</b> ", key(""), "p99</span>"),
      plot);
}

// What is to be said first.
std::string Verdict(const StatusView& view) {
  int failed = 0;
  for (const Health& check : view.checks) failed += check.status.ok() ? 0 : 1;
  if (view.checks.empty()) return "Nothing is served";
  if (failed == 0) return "All is well";
  if (failed == 1) return "One part fails";
  return absl::StrCat(failed, " parts fail");
}

std::string Top(const StatusView& view) {
  const std::string verdict = Verdict(view);
  return absl::StrCat(
      "<header><h1", verdict == "All is well" ? ">" : " class=\"bad\">",
      Mark(verdict == "All is well"), "<span class=\"word\">", verdict,
      "</span></h1><p class=\"about\">", Escaped(view.program), " ",
      Escaped(view.version), " \u00b7 up ", Span(view.now - view.start),
      " \u00b7 <span id=\"connections\">", Grouped(view.connections),
      view.connections == 1 ? "</span>\u00a0connection \u00b7 "
                            : "</span>\u00a0connections \u00b7 ",
      absl::FormatTime("<time datetime=\"%Y-%m-%dT%H:%M:%SZ\">%H:%M:%S "
                       "UTC</time>",
                       view.now, absl::UTCTimeZone()),
      "</p></header>");
}

// Right after the start, and as long as the hour is not full.
std::string Lead(const StatusView& view) {
  if (view.hour.empty()) {
    return "<p class=\"lead\">The gateway has just started; the first figures "
           "come within ten seconds.</p>";
  }
  return "<p class=\"lead\">Figures are of the last minute, plots of the last "
         "hour.</p>";
}

std::string Foot(const StatusView& view) {
  return absl::StrCat(
      "<footer class=\"foot\"><span>",
      view.refresh ? "Comes again every ten seconds. <a "
                     "href=\"/status?refresh=off\">Hold it</a>"
                   : "It is held. <a href=\"/status\">Go on</a>",
      "</span><a href=\"/healthz?format=json\">Health as JSON</a>"
      "<a href=\"/metrics\">Metrics</a></footer>");
}

// SHA-256 of the style, by which the policy knows it.
std::string StyleHash() {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(kStatusStyle.data()),
         kStatusStyle.size(), digest);
  return absl::Base64Escape(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

// CSP Level 3: nothing but the one style. No script runs, nothing is loaded,
// nobody frames it.
std::string PolicyField() {
  return absl::StrCat(
      "Content-Security-Policy: default-src 'none'; style-src 'sha256-",
      StyleHash(),
      "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
      "Referrer-Policy: no-referrer\r\n");
}

}  // namespace

std::string StatusHtml(const StatusView& view) {
  return absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">",
      view.refresh
          ? absl::StrCat("<meta http-equiv=\"refresh\" content=\"",
                         absl::ToInt64Seconds(History::kInterval), "\">")
          : "",
      "<title>", Verdict(view), " \u00b7 Praxis</title><style>", kStatusStyle,
      "</style></head><body>", Top(view), Lead(view),
      "<main><div class=\"plots\">", RateCard(view), ErrorCard(view),
      LatencyCard(view), "</div>", CheckTable(view.checks, view.hour, view.now),
      "</main>", Foot(view), "</body></html>\n");
}

void AddStatusPage(const StatusPageOptions& options,
                   std::shared_ptr<HealthChecks> checks,
                   std::shared_ptr<const History> history,
                   telemetry::Registry& registry, Pages* pages) {
  const telemetry::Gauge& connections = registry.FindGauge(
      "praxis_gateway_connections", "Client connections that are open.");
  pages->Add("/status", [options, checks, history, &connections,
                         start = absl::Now(),
                         policy = PolicyField()](const RequestHead& head,
                                                 const Pages::Answer& answer) {
    const bool refresh = !absl::StrContains(head.query, "refresh=off");
    checks->Ask([options, history, &connections, start, policy, refresh,
                 answer](const std::vector<Health>& lines) {
      const StatusView view = {.program = options.program,
                               .version = options.version,
                               .start = start,
                               .now = absl::Now(),
                               .connections = connections.value(),
                               .checks = lines,
                               .hour = history->InPeriodsOf(kPointSamples),
                               .minute = history->Last(kNowSamples),
                               .refresh = refresh};
      Response response = Fresh("text/html; charset=utf-8", StatusHtml(view));
      response.fields += policy;
      answer(std::move(response));
    });
  });
}

}  // namespace praxis::gateway
