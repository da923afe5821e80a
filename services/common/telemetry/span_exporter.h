// SpanExporter: brings spans to a collector.
#ifndef SERVICES_COMMON_TELEMETRY_SPAN_EXPORTER_H_
#define SERVICES_COMMON_TELEMETRY_SPAN_EXPORTER_H_

#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/telemetry/trace_options.h"

namespace praxis::telemetry {

// Sends spans by OTLP/HTTP as JSON (https://opentelemetry.io/docs/specs/otlp/)
// from one thread of its own: many in one go, again when the other end asks for
// it. What comes when too many wait is dropped, what cannot be brought in time
// given up, and both counted:
//   praxis_trace_spans_total{outcome="sent|dropped|failed"}
// Thread-safe.
class SpanExporter {
 public:
  // `log`, which is told when spans begin to fail and when they arrive again,
  // and `registry` outlive this. `options` has an endpoint.
  SpanExporter(TraceOptions options, Log& log, Registry& registry);
  // Sends what waits, for two seconds at the most.
  ~SpanExporter();

  // A span as JSON. Never waits.
  void Add(std::string span);

 private:
  class Connection;

  void Run();
  // What is sent next, once there is enough of it or it has waited enough;
  // empty at the end.
  std::vector<std::string> Take();
  std::string BodyOf(const std::vector<std::string>& spans) const;
  // Until it is there, is refused for good, or its time is over. Why not, or
  // empty.
  std::string Send(Connection& connection, const std::string& body);
  void Note(size_t spans, const std::string& failure);
  // False when there is no time left for more.
  bool Pause(absl::Duration pause, absl::Time end);
  // When what is sent at `now` must be done.
  absl::Time EndOf(absl::Time now);

  bool IsFull() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const TraceOptions options_;
  const std::string body_begin_;
  Log& log_;
  Counter& sent_;
  Counter& dropped_;
  Counter& failed_;
  bool failing_ = false;  // the thread's
  absl::Mutex mutex_;
  std::vector<std::string> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time stop_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  std::thread thread_;
};

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_SPAN_EXPORTER_H_
