// Metrics: what a process counts, in the form Prometheus reads.
#ifndef SERVICES_COMMON_TELEMETRY_METRICS_H_
#define SERVICES_COMMON_TELEMETRY_METRICS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace prometheus {
struct MetricFamily;
}  // namespace prometheus

namespace praxis::telemetry {

// A number that only grows. Adding is one atomic add. Thread-safe.
class Counter {
 public:
  void Add(uint64_t count = 1) {
    value_.fetch_add(count, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  // A cache line of its own: neighbours are counted by other threads.
  alignas(64) std::atomic<uint64_t> value_ = 0;
};

// A number that goes up and down. Thread-safe.
class Gauge {
 public:
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(int64_t count) {
    value_.fetch_add(count, std::memory_order_relaxed);
  }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  alignas(64) std::atomic<int64_t> value_ = 0;
};

// How long things took: a count for each of a set of upper bounds, and the
// sum. Recording is two atomic adds to one of a few shards, so that threads
// seldom meet; prometheus-cpp's own takes a mutex. Thread-safe.
class Histogram {
 public:
  // Upper bounds, inclusive, growing; at most kBoundsMax. One more bucket takes
  // what is above the last.
  static constexpr int kBoundsMax = 23;
  explicit Histogram(std::vector<absl::Duration> bounds);

  void Record(absl::Duration duration);

  struct Snapshot {
    // Of each bucket alone, the one above the last bound included.
    std::vector<uint64_t> counts;
    absl::Duration sum;
  };
  Snapshot Read() const;
  const std::vector<absl::Duration>& bounds() const { return bounds_; }

 private:
  struct alignas(64) Shard {
    std::array<std::atomic<uint64_t>, kBoundsMax + 1> counts = {};
    std::atomic<int64_t> sum_ns = 0;
  };
  static constexpr int kShards = 4;

  const std::vector<absl::Duration> bounds_;
  std::vector<int64_t> bounds_ns_;
  std::array<Shard, kShards> shards_;
};

// From 100 us to 10 s: what an RPC may take.
std::vector<absl::Duration> LatencyBounds();

// Names and values, in the order they are shown.
using Labels = std::vector<std::pair<std::string, std::string>>;

// The metrics of one process. Metrics are found or made by name and labels,
// under a lock: find them at start-up and keep the reference, which is good as
// long as the registry. Thread-safe.
//
// A name holds at most `series_max` combinations of label values; those that
// come later share one series whose values are all "other". A label value is
// never an id, a path or anything else that callers can make up.
//
// One name has one kind, one help text and one set of label names: to break
// this is a defect of ours and ends the process.
class Registry {
 public:
  explicit Registry(int series_max = 2000);
  ~Registry();

  Counter& FindCounter(absl::string_view name, absl::string_view help,
                       const Labels& labels = {});
  Gauge& FindGauge(absl::string_view name, absl::string_view help,
                   const Labels& labels = {});
  Histogram& FindHistogram(absl::string_view name, absl::string_view help,
                           const Labels& labels,
                           const std::vector<absl::Duration>& bounds);

  // Values that are read when the metrics are. `read` must be thread-safe and
  // is called as long as the registry lives.
  void ReadGauge(absl::string_view name, absl::string_view help,
                 const Labels& labels, std::function<double()> read);
  void ReadCounter(absl::string_view name, absl::string_view help,
                   const Labels& labels, std::function<double()> read);

  // Everything as it is now, for an exposer.
  std::vector<prometheus::MetricFamily> Families() const;

  // Everything, as "text/plain; version=0.0.4".
  std::string Text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_METRICS_H_
