// History: what the gateway's traffic was in the last hour.
#ifndef GATEWAY_OPS_STATUS_HISTORY_H_
#define GATEWAY_OPS_STATUS_HISTORY_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// Requests that were counted, since the start or within some time. Those for
// pages of operators are left out, so that whoever looks does not see himself.
// Latencies are of requests that found a route and of no streams, which last as
// long as they are wanted.
struct Traffic {
  uint64_t requests = 0;
  // Answered with a status of 5xx.
  uint64_t errors = 0;
  // By telemetry::LatencyBounds(), and those above the last one.
  std::vector<uint64_t> by_latency;

  void Add(const Traffic& more);
  // What was counted after `before`.
  Traffic Since(const Traffic& before) const;

  // 0 to 1.
  double ErrorShare() const;
  // The latency that a share `q` of the requests stays below, guessed within
  // its bucket as Prometheus' histogram_quantile does; the greatest bound for
  // what is above. None without requests.
  std::optional<absl::Duration> Quantile(double q) const;
};

// Adds up what RouteMetrics has counted. `streams` are the routes of streams.
Traffic TrafficOf(const telemetry::Registry& registry,
                  const std::set<std::string>& streams);

// Some time, what came in it, and which checks have failed then.
struct Period {
  absl::Time begin;
  absl::Time end;
  Traffic traffic;
  std::set<std::string> failed;

  void Add(const Period& next);
  // Requests per second.
  double Rate() const;
};

// The newest samples, at most kSamplesMax of them: of the last hour, as they
// are taken. Some 100 KB. Thread-safe.
class History {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(10);
  static constexpr size_t kSamplesMax = 360;

  // `total` was counted up to `now`; `failed` are the checks that fail then.
  // The first call begins, each other one ends a sample.
  void Add(absl::Time now, const Traffic& total, std::set<std::string> failed);

  // Every `samples` in a row as one, the newest last. Which ones fall together
  // does not change as time goes on; so the last may be of fewer.
  std::vector<Period> InPeriodsOf(size_t samples) const;
  // The newest `samples` as one; none before the first.
  std::optional<Period> Last(size_t samples) const;

 private:
  mutable absl::Mutex mutex_;
  std::deque<Period> samples_ ABSL_GUARDED_BY(mutex_);
  // Of all there have been.
  uint64_t count_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  Traffic total_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_STATUS_HISTORY_H_
