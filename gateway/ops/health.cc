#include "gateway/ops/health.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

const Health* Find(const std::vector<Health>& lines, absl::string_view name) {
  const auto found =
      std::find_if(lines.begin(), lines.end(),
                   [&](const Health& line) { return line.name == name; });
  return found == lines.end() ? nullptr : &*found;
}

std::optional<int64_t> NumberOf(const Health* line, absl::string_view name) {
  if (line == nullptr) return std::nullopt;
  for (const auto& [known, number] : line->numbers) {
    if (known == name) return number;
  }
  return std::nullopt;
}

// Never below zero: the two numbers are not of the same moment.
std::optional<int64_t> Behind(std::optional<int64_t> latest,
                              std::optional<int64_t> position) {
  if (!latest.has_value() || !position.has_value()) return std::nullopt;
  return std::max<int64_t>(0, *latest - *position);
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
    std::vector<Health> seen = std::exchange(coming_, {});
    TellSince(&seen);
    known_ = std::move(seen);
    std::sort(known_.begin(), known_.end(),
              [](const Health& a, const Health& b) { return a.name < b.name; });
    good_until_ = absl::Now() + (AllServe(known_) ? kKept : kFailureKept);
    known = known_;
    waiting.swap(waiting_);
  }
  for (Done& done : waiting) done(known);
}

// A state that lasts began when it was first seen.
void HealthChecks::TellSince(std::vector<Health>* lines) const {
  const absl::Time now = absl::Now();
  for (Health& line : *lines) {
    if (line.since != absl::InfinitePast()) continue;
    const Health* before = Find(known_, line.name);
    const bool lasts =
        before != nullptr && before->status.ok() == line.status.ok();
    line.since = lasts ? before->since : now;
  }
}

std::string WhyOf(const Health& line) {
  if (line.status.ok()) return "";
  if (ReasonOf(line.status) == errors::v1::REASON_UNSPECIFIED) {
    return "It cannot be asked.";
  }
  return std::string(line.status.message());
}

std::optional<int64_t> LagOf(const Health& line,
                             const std::vector<Health>& all) {
  if (absl::EndsWith(line.name, "/events")) {
    return Behind(NumberOf(&line, "latest"), NumberOf(&line, "published"));
  }
  if (!absl::EndsWith(line.name, "/access")) return std::nullopt;
  for (const auto& [source, position] : line.numbers) {
    const Health* log = Find(all, absl::StrCat(source, "/events"));
    if (log != nullptr) return Behind(NumberOf(log, "latest"), position);
  }
  return std::nullopt;
}

}  // namespace praxis::gateway
