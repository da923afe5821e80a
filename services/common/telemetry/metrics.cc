#include "services/common/telemetry/metrics.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/metric_family.h"
#include "prometheus/text_serializer.h"

namespace praxis::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

// The number of this thread, which chooses the one shard that it records to.
// Threads are numbered as they come, so a pool spreads evenly.
size_t ShardOfThread() {
  static std::atomic<size_t> next = 0;
  thread_local const size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

// Metrics are declared by code alone, so a wrong declaration shows in the first
// test that runs it; to go on would leave a scrape that Prometheus refuses.
[[noreturn]] void Defect(absl::string_view name, const char* what) {
  std::fprintf(stderr, "metric %.*s: %s\n", static_cast<int>(name.size()),
               name.data(), what);
  std::abort();
}

// One combination of label values; exactly one of the four is set.
struct Series {
  std::unique_ptr<Counter> counter;
  std::unique_ptr<Gauge> gauge;
  std::unique_ptr<Histogram> histogram;
  std::function<double()> read;
};

struct Family {
  std::string help;
  MetricType type;
  std::map<Labels, Series> series;
};

// Prometheus' buckets are cumulative, ours are not: an observation is one add.
void CollectHistogram(const Histogram& histogram,
                      ClientMetric::Histogram* out) {
  const Histogram::Snapshot snapshot = histogram.Read();
  const auto& bounds = histogram.bounds();
  for (size_t i = 0; i < bounds.size(); ++i) {
    out->sample_count += snapshot.counts[i];
    out->bucket.push_back(
        {out->sample_count, absl::ToDoubleSeconds(bounds[i])});
  }
  out->sample_count += snapshot.counts.back();
  out->sample_sum = absl::ToDoubleSeconds(snapshot.sum);
}

ClientMetric Collect(const Labels& labels, const Series& series,
                     MetricType type) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) {
    metric.label.push_back({name, value});
  }
  double value = 0;
  if (series.histogram != nullptr) {
    CollectHistogram(*series.histogram, &metric.histogram);
  } else if (series.counter != nullptr) {
    value = static_cast<double>(series.counter->value());
  } else if (series.gauge != nullptr) {
    value = static_cast<double>(series.gauge->value());
  } else {
    value = series.read();
  }
  if (type == MetricType::Counter) metric.counter.value = value;
  if (type == MetricType::Gauge) metric.gauge.value = value;
  return metric;
}

bool SameNames(const Labels& a, const Labels& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const auto& x, const auto& y) { return x.first == y.first; });
}

}  // namespace

Histogram::Histogram(std::vector<absl::Duration> bounds)
    : bounds_(std::move(bounds)) {
  if (bounds_.size() > kBoundsMax) Defect("histogram", "too many bounds");
  for (const absl::Duration bound : bounds_) {
    bounds_ns_.push_back(absl::ToInt64Nanoseconds(bound));
  }
}

void Histogram::Record(absl::Duration duration) {
  const int64_t ns = absl::ToInt64Nanoseconds(duration);
  const size_t bucket =
      std::lower_bound(bounds_ns_.begin(), bounds_ns_.end(), ns) -
      bounds_ns_.begin();
  Shard& shard = shards_[ShardOfThread() % kShards];
  shard.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  shard.sum_ns.fetch_add(ns, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::Read() const {
  Snapshot snapshot;
  snapshot.counts.resize(bounds_.size() + 1);
  for (const Shard& shard : shards_) {
    for (size_t i = 0; i < snapshot.counts.size(); ++i) {
      snapshot.counts[i] += shard.counts[i].load(std::memory_order_relaxed);
    }
    snapshot.sum +=
        absl::Nanoseconds(shard.sum_ns.load(std::memory_order_relaxed));
  }
  return snapshot;
}

std::vector<absl::Duration> LatencyBounds() {
  std::vector<absl::Duration> bounds;
  for (const int us :
       {100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000,
        250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000}) {
    bounds.push_back(absl::Microseconds(us));
  }
  return bounds;
}

struct Registry::State {
  explicit State(int series_max) : series_max(series_max) {}

  // The series of `name` and `labels`, made when it is not there. Never moves.
  Series& Find(absl::string_view name, absl::string_view help, MetricType type,
               Labels labels) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    Family& family =
        families
            .try_emplace(std::string(name), Family{std::string(help), type, {}})
            .first->second;
    if (family.type != type) Defect(name, "has another kind already");
    if (family.help != help) Defect(name, "has another help text already");
    auto& series = family.series;
    if (!series.empty() && !SameNames(series.begin()->first, labels)) {
      Defect(name, "has other labels already");
    }
    // One series more, "other", whatever comes.
    if (static_cast<int>(series.size()) >= series_max &&
        series.find(labels) == series.end()) {
      for (auto& label : labels) label.second = "other";
    }
    return series[std::move(labels)];
  }

  const int series_max;
  mutable absl::Mutex mutex;
  std::map<std::string, Family> families ABSL_GUARDED_BY(mutex);
};

Registry::Registry(int series_max)
    : state_(std::make_unique<State>(series_max)) {}

Registry::~Registry() = default;

Counter& Registry::FindCounter(absl::string_view name, absl::string_view help,
                               const Labels& labels) {
  absl::MutexLock lock(&state_->mutex);
  Series& series = state_->Find(name, help, MetricType::Counter, labels);
  if (series.read) Defect(name, "is read, not counted");
  if (!series.counter) series.counter = std::make_unique<Counter>();
  return *series.counter;
}

Gauge& Registry::FindGauge(absl::string_view name, absl::string_view help,
                           const Labels& labels) {
  absl::MutexLock lock(&state_->mutex);
  Series& series = state_->Find(name, help, MetricType::Gauge, labels);
  if (series.read) Defect(name, "is read, not set");
  if (!series.gauge) series.gauge = std::make_unique<Gauge>();
  return *series.gauge;
}

Histogram& Registry::FindHistogram(absl::string_view name,
                                   absl::string_view help, const Labels& labels,
                                   const std::vector<absl::Duration>& bounds) {
  absl::MutexLock lock(&state_->mutex);
  Series& series = state_->Find(name, help, MetricType::Histogram, labels);
  if (!series.histogram) {
    series.histogram = std::make_unique<Histogram>(bounds);
  }
  return *series.histogram;
}

void Registry::ReadGauge(absl::string_view name, absl::string_view help,
                         const Labels& labels, std::function<double()> read) {
  absl::MutexLock lock(&state_->mutex);
  Series& series = state_->Find(name, help, MetricType::Gauge, labels);
  if (series.gauge) Defect(name, "is set, not read");
  series.read = std::move(read);
}

void Registry::ReadCounter(absl::string_view name, absl::string_view help,
                           const Labels& labels, std::function<double()> read) {
  absl::MutexLock lock(&state_->mutex);
  Series& series = state_->Find(name, help, MetricType::Counter, labels);
  if (series.counter) Defect(name, "is counted, not read");
  series.read = std::move(read);
}

std::vector<prometheus::MetricFamily> Registry::Families() const {
  std::vector<prometheus::MetricFamily> families;
  absl::MutexLock lock(&state_->mutex);
  for (const auto& [name, family] : state_->families) {
    auto& collected = families.emplace_back();
    collected.name = name;
    collected.help = family.help;
    collected.type = family.type;
    for (const auto& [labels, series] : family.series) {
      collected.metric.push_back(Collect(labels, series, family.type));
    }
  }
  return families;
}

std::string Registry::Text() const {
  // Values are gathered under the lock and written without it: writing takes
  // most of the time.
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, Families());
  return std::move(text).str();
}

}  // namespace praxis::telemetry
