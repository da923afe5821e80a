#include "gateway/ops/health.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

// How long an answer is good. That something does not serve, shorter: it may be
// starting, and someone waits for it.
constexpr absl::Duration kKept = absl::Seconds(1);
constexpr absl::Duration kFailureKept = absl::Milliseconds(100);

bool AllServe(const std::vector<Health>& lines) {
  return std::all_of(lines.begin(), lines.end(),
                     [](const Health& line) { return line.status.ok(); });
}

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

// What failed, in words that were written to be shown.
absl::string_view Why(const absl::Status& status) {
  return ReasonOf(status) == errors::v1::REASON_UNSPECIFIED ? "reason withheld"
                                                            : status.message();
}

}  // namespace

HealthChecks::HealthChecks(std::vector<Upstream*> upstreams)
    : upstreams_(std::move(upstreams)) {}

// Whoever comes while a check is under way waits for the same one.
void HealthChecks::Ask(Done done) {
  absl::ReleasableMutexLock lock(&mutex_);
  if (absl::Now() <= good_until_ || upstreams_.empty()) {
    const std::vector<Health> known = known_;
    lock.Release();
    done(known);
    return;
  }
  waiting_.push_back(std::move(done));
  if (missing_ > 0) return;
  missing_ = upstreams_.size();
  lock.Release();
  CheckAll();
}

void HealthChecks::CheckAll() {
  for (Upstream* upstream : upstreams_) {
    upstream->Check([self = shared_from_this()](std::vector<Health> lines) {
      self->Add(std::move(lines));
    });
  }
}

// The last answer completes the check. Callbacks run without the lock.
void HealthChecks::Add(std::vector<Health> lines) {
  std::vector<Done> waiting;
  std::vector<Health> known;
  {
    absl::MutexLock lock(&mutex_);
    std::move(lines.begin(), lines.end(), std::back_inserter(coming_));
    if (--missing_ > 0) return;
    known_ = std::exchange(coming_, {});
    std::sort(known_.begin(), known_.end(),
              [](const Health& a, const Health& b) { return a.name < b.name; });
    good_until_ = absl::Now() + (AllServe(known_) ? kKept : kFailureKept);
    known = known_;
    waiting.swap(waiting_);
  }
  for (Done& done : waiting) done(known);
}

// What it does not know is ignored, as Kubernetes does.
HealthQuery HealthQuery::Parse(absl::string_view query) {
  HealthQuery parsed;
  for (absl::string_view part : absl::StrSplit(query, '&')) {
    const std::pair<absl::string_view, absl::string_view> named =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (named.first == "verbose") parsed.verbose = true;
    if (named.first == "exclude") {
      parsed.excluded.emplace_back(named.second.data(), named.second.size());
    }
  }
  return parsed;
}

// One line a check, "[+]" or "[-]", and a verdict: what kubectl users know.
Response HealthResponse(HealthPage page, const HealthQuery& query,
                        bool stopping, const std::vector<Health>& backends) {
  bool failed = false;
  bool degraded = false;
  std::string lines = "[+]ping ok\n";
  const auto excluded = [&](absl::string_view name) {
    return std::find(query.excluded.begin(), query.excluded.end(), name) !=
           query.excluded.end();
  };
  if (page == HealthPage::kReady && !excluded("shutdown")) {
    failed = stopping;
    absl::StrAppend(&lines, failed ? "[-]shutdown failed: the process stops\n"
                                   : "[+]shutdown ok\n");
  }
  for (const Health& backend : backends) {
    if (excluded(backend.name)) {
      absl::StrAppend(&lines, "[+]", backend.name, " excluded: ok\n");
    } else if (backend.status.ok()) {
      absl::StrAppend(&lines, "[+]", backend.name, " ok\n");
    } else {
      degraded = true;
      absl::StrAppend(&lines, "[-]", backend.name,
                      " degraded: ", Why(backend.status), "\n");
    }
  }

  Response response;
  response.status = failed ? 503 : 200;
  response.content_type = "text/plain; charset=utf-8";
  response.fields = "Cache-Control: no-store\r\n";
  if (query.verbose || failed) {
    response.body = absl::StrCat(lines, PageName(page), " check ",
                                 failed     ? "failed"
                                 : degraded ? "degraded"
                                            : "passed",
                                 "\n");
  } else {
    response.body = degraded && page == HealthPage::kHealth ? "degraded" : "ok";
  }
  return response;
}

}  // namespace praxis::gateway
