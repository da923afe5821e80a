// Metrics of every RPC, under the names that go-grpc-prometheus made common.
#ifndef SERVICES_COMMON_TELEMETRY_RPC_METRICS_H_
#define SERVICES_COMMON_TELEMETRY_RPC_METRICS_H_

#include <array>
#include <atomic>
#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/telemetry/metrics.h"

namespace google::protobuf {
class MethodDescriptor;
}  // namespace google::protobuf

namespace praxis::telemetry {

// Counts the calls of one method:
//   grpc_server_started_total{grpc_type,grpc_service,grpc_method}
//   grpc_server_handled_total{..., grpc_code}
//   grpc_server_handling_seconds{...}
// A series of grpc_server_handled_total appears with its first call, but for
// grpc_code="OK", which is there from the start. Thread-safe.
class MethodMetrics {
 public:
  MethodMetrics(Registry& registry, Labels labels);

  void Started() { started_.Add(); }
  void Handled(absl::StatusCode code, absl::Duration took);

 private:
  static constexpr int kCodes = 17;
  Counter& HandledWith(int code);

  Registry& registry_;
  const Labels labels_;
  Counter& started_;
  Histogram& seconds_;
  std::array<std::atomic<Counter*>, kCodes> handled_ = {};
};

// The methods of a process. Thread-safe.
class RpcMetrics {
 public:
  // `registry` must outlive this.
  explicit RpcMetrics(Registry& registry) : registry_(registry) {}

  // The same method has the same series, whoever serves it. Takes a lock: call
  // it once a method, at start-up. The reference is good as
  // long as this lives.
  MethodMetrics& Of(const google::protobuf::MethodDescriptor& method);

 private:
  Registry& registry_;
  absl::Mutex mutex_;
  std::deque<MethodMetrics> methods_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_RPC_METRICS_H_
