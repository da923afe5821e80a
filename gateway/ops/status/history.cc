#include "gateway/ops/status/history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"
#include "prometheus/metric_family.h"

namespace praxis::gateway {
namespace {

absl::string_view LabelOf(const prometheus::ClientMetric& metric,
                          absl::string_view name) {
  for (const auto& label : metric.label) {
    if (label.name == name) return label.value;
  }
  return "";
}

// Requests that no route was found for have neither route nor upstream.
bool IsPage(const prometheus::ClientMetric& metric) {
  return LabelOf(metric, "upstream") == "gateway" &&
         !LabelOf(metric, "route").empty();
}

void AddRequests(const prometheus::ClientMetric& metric, Traffic* traffic) {
  if (IsPage(metric)) return;
  const auto count = static_cast<uint64_t>(metric.counter.value);
  traffic->requests += count;
  if (LabelOf(metric, "code") == "5xx") traffic->errors += count;
}

// Prometheus' buckets hold what is in those below too.
void AddLatencies(const prometheus::ClientMetric& metric, Traffic* traffic) {
  const auto& histogram = metric.histogram;
  uint64_t below = 0;
  for (size_t i = 0; i < histogram.bucket.size(); ++i) {
    traffic->by_latency[i] += histogram.bucket[i].cumulative_count - below;
    below = histogram.bucket[i].cumulative_count;
  }
  traffic->by_latency.back() += histogram.sample_count - below;
}

}  // namespace

void Traffic::Add(const Traffic& more) {
  requests += more.requests;
  errors += more.errors;
  by_latency.resize(std::max(by_latency.size(), more.by_latency.size()));
  for (size_t i = 0; i < more.by_latency.size(); ++i) {
    by_latency[i] += more.by_latency[i];
  }
}

Traffic Traffic::Since(const Traffic& before) const {
  Traffic since = *this;
  since.requests -= before.requests;
  since.errors -= before.errors;
  for (size_t i = 0; i < before.by_latency.size(); ++i) {
    since.by_latency[i] -= before.by_latency[i];
  }
  return since;
}

double Traffic::ErrorShare() const {
  return requests == 0
             ? 0
             : static_cast<double>(errors) / static_cast<double>(requests);
}

std::optional<absl::Duration> Traffic::Quantile(double q) const {
  uint64_t all = 0;
  for (const uint64_t count : by_latency) all += count;
  if (all == 0) return std::nullopt;
  const double rank = q * static_cast<double>(all);
  const std::vector<absl::Duration> bounds = telemetry::LatencyBounds();
  double below = 0;
  for (size_t i = 0; i < bounds.size(); ++i) {
    const auto here = static_cast<double>(by_latency[i]);
    if (here > 0 && below + here >= rank) {
      const absl::Duration floor =
          i == 0 ? absl::ZeroDuration() : bounds[i - 1];
      return floor + (bounds[i] - floor) * ((rank - below) / here);
    }
    below += here;
  }
  return bounds.back();
}

Traffic TrafficOf(const telemetry::Registry& registry,
                  const std::set<std::string>& streams) {
  Traffic traffic;
  traffic.by_latency.resize(telemetry::LatencyBounds().size() + 1);
  for (const prometheus::MetricFamily& family : registry.Families()) {
    for (const prometheus::ClientMetric& metric : family.metric) {
      if (family.name == "praxis_gateway_requests_total") {
        AddRequests(metric, &traffic);
      } else if (family.name == "praxis_gateway_request_seconds") {
        const std::string route(LabelOf(metric, "route"));
        if (LabelOf(metric, "upstream") != "gateway" &&
            !streams.contains(route)) {
          AddLatencies(metric, &traffic);
        }
      }
    }
  }
  return traffic;
}

void Period::Add(const Period& next) {
  end = next.end;
  traffic.Add(next.traffic);
  failed.insert(next.failed.begin(), next.failed.end());
}

double Period::Rate() const {
  const double seconds = absl::ToDoubleSeconds(end - begin);
  return seconds <= 0 ? 0 : static_cast<double>(traffic.requests) / seconds;
}

void History::Add(absl::Time now, const Traffic& total,
                  std::set<std::string> failed) {
  absl::MutexLock lock(&mutex_);
  if (time_ != absl::InfinitePast()) {
    samples_.push_back({time_, now, total.Since(total_), std::move(failed)});
    ++count_;
    if (samples_.size() > kSamplesMax) samples_.pop_front();
  }
  time_ = now;
  total_ = total;
}

std::vector<Period> History::InPeriodsOf(size_t samples) const {
  std::vector<Period> periods;
  absl::MutexLock lock(&mutex_);
  uint64_t number = count_ - samples_.size();
  for (const Period& sample : samples_) {
    if (number++ % samples == 0 || periods.empty()) {
      periods.push_back(sample);
    } else {
      periods.back().Add(sample);
    }
  }
  return periods;
}

std::optional<Period> History::Last(size_t samples) const {
  absl::MutexLock lock(&mutex_);
  std::optional<Period> last;
  const size_t first =
      samples_.size() > samples ? samples_.size() - samples : 0;
  for (size_t i = first; i < samples_.size(); ++i) {
    if (last.has_value()) {
      last->Add(samples_[i]);
    } else {
      last = samples_[i];
    }
  }
  return last;
}

}  // namespace praxis::gateway
