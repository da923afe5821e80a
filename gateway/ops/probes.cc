#include "gateway/ops/probes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gateway/routes/percent.h"
#include "services/common/telemetry/json.h"

namespace praxis::gateway {
namespace {

absl::string_view PageName(HealthPage page) {
  switch (page) {
    case HealthPage::kLive:
      return "livez";
    case HealthPage::kReady:
      return "readyz";
    case HealthPage::kHealth:
      return "healthz";
  }
  return "";
}

// The lines of a page, and what is left of the checks to leave out.
class Lines {
 public:
  explicit Lines(const HealthQuery& query) : excluded_(query.excluded) {}

  void Add(absl::string_view name, bool ok) {
    const auto at = std::find(excluded_.begin(), excluded_.end(), name);
    if (at != excluded_.end()) {
      excluded_.erase(std::remove(at, excluded_.end(), name), excluded_.end());
      absl::StrAppend(&text_, "[+]", name, " excluded: ok\n");
    } else if (ok) {
      absl::StrAppend(&text_, "[+]", name, " ok\n");
    } else {
      failed_ = true;
      absl::StrAppend(&text_, "[-]", name, " failed: reason withheld\n");
    }
  }

  bool failed() const { return failed_; }

  // Of what was to be left out and is not there, each is named once.
  std::string Text() {
    if (excluded_.empty()) return std::move(text_);
    std::sort(excluded_.begin(), excluded_.end());
    excluded_.erase(std::unique(excluded_.begin(), excluded_.end()),
                    excluded_.end());
    return absl::StrCat(
        text_, "warn: some health checks cannot be excluded: no matches for ",
        absl::StrJoin(excluded_, ",",
                      [](std::string* out, const std::string& name) {
                        telemetry::AppendJsonString(name, out);
                      }),
        "\n");
  }

 private:
  std::vector<std::string> excluded_;
  std::string text_;
  bool failed_ = false;
};

void AddText(absl::string_view name, absl::string_view value,
             std::string* json) {
  if (value.empty()) return;
  absl::StrAppend(json, ",\"", name, "\":");
  telemetry::AppendJsonString(value, json);
}

std::string NumbersJson(const Health& line) {
  std::string json;
  for (const auto& [name, number] : line.numbers) {
    json += json.empty() ? "{" : ",";
    telemetry::AppendJsonString(name, &json);
    absl::StrAppend(&json, ":", number);
  }
  return json + "}";
}

std::string CheckJson(const Health& line, bool excluded,
                      const std::vector<Health>& all) {
  std::string json = "{\"name\":";
  telemetry::AppendJsonString(line.name, &json);
  AddText("status",
          excluded           ? "excluded"
          : line.status.ok() ? "ok"
                             : "failed",
          &json);
  AddText(
      "since",
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", line.since, absl::UTCTimeZone()),
      &json);
  absl::StrAppend(
      &json, ",\"latency_ms\":",
      static_cast<double>(absl::ToInt64Microseconds(line.latency)) / 1000);
  AddText("version", line.version, &json);
  AddText("message", WhyOf(line), &json);
  if (!line.numbers.empty()) {
    absl::StrAppend(&json, ",\"numbers\":", NumbersJson(line));
  }
  const std::optional<int64_t> lag = LagOf(line, all);
  if (lag.has_value()) absl::StrAppend(&json, ",\"lag\":", *lag);
  return json + "}";
}

}  // namespace

HealthQuery HealthQuery::Parse(absl::string_view query) {
  HealthQuery parsed;
  for (absl::string_view part : absl::StrSplit(query, '&')) {
    const std::pair<absl::string_view, absl::string_view> named =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (named.first == "verbose") parsed.verbose = true;
    if (part == "format=json") parsed.json = true;
    std::string name;
    if (named.first == "exclude" &&
        AppendDecoded(named.second, Percent::kForm, &name)) {
      parsed.excluded.push_back(std::move(name));
    }
  }
  return parsed;
}

Response HealthText(HealthPage page, const HealthQuery& query, bool stopping,
                    const std::vector<Health>& backends) {
  Lines lines(query);
  lines.Add("ping", true);
  if (page == HealthPage::kReady) lines.Add("shutdown", !stopping);
  if (page == HealthPage::kHealth) {
    for (const Health& backend : backends) {
      lines.Add(backend.name, backend.status.ok());
    }
  }
  const bool degraded = lines.failed() && page == HealthPage::kHealth;
  const bool failed = lines.failed() && !degraded;
  const absl::string_view verdict = failed     ? "failed"
                                    : degraded ? "degraded"
                                               : "passed";
  Response response =
      Fresh("text/plain; charset=utf-8", degraded ? "degraded" : "ok");
  if (failed) response.status = 503;
  // Whoever is refused is told all there is.
  if (query.verbose || failed) {
    response.body =
        absl::StrCat(lines.Text(), PageName(page), " check ", verdict, "\n");
  }
  return response;
}

Response HealthJson(const HealthQuery& query,
                    const std::vector<Health>& backends) {
  bool degraded = false;
  std::vector<std::string> checks;
  for (const Health& line : backends) {
    const bool excluded =
        std::find(query.excluded.begin(), query.excluded.end(), line.name) !=
        query.excluded.end();
    degraded = degraded || (!excluded && !line.status.ok());
    checks.push_back(CheckJson(line, excluded, backends));
  }
  return Fresh(
      "application/json",
      absl::StrCat("{\"status\":\"", degraded ? "degraded" : "ok",
                   "\",\"checks\":[", absl::StrJoin(checks, ","), "]}\n"));
}

void Probes::AddTo(Pages* pages, bool details) {
  const auto of_the_process = [this, details](HealthPage page) {
    return
        [this, details, page](const RequestHead& head, Pages::Answer answer) {
          HealthQuery query = HealthQuery::Parse(head.query);
          query.verbose = query.verbose && details;
          answer(HealthText(page, query, stopping_, {}));
        };
  };
  // Neither whether the process lives nor whether it serves depends on
  // backends: they are not asked.
  pages->Add("/livez", of_the_process(HealthPage::kLive));
  pages->Add("/readyz", of_the_process(HealthPage::kReady));
  pages->Add("/healthz",
             [this, details](const RequestHead& head, Pages::Answer answer) {
               ServeHealth(details, head, answer);
             });
}

void Probes::ServeHealth(bool details, const RequestHead& head,
                         const Pages::Answer& answer) const {
  HealthQuery query = HealthQuery::Parse(head.query);
  if (!details) query = HealthQuery();
  checks_->Ask([query, answer](const std::vector<Health>& backends) {
    answer(query.json ? HealthJson(query, backends)
                      : HealthText(HealthPage::kHealth, query,
                                   /*stopping=*/false, backends));
  });
}

}  // namespace praxis::gateway
