// Sampler: fills the history.
#ifndef GATEWAY_OPS_STATUS_SAMPLER_H_
#define GATEWAY_OPS_STATUS_SAMPLER_H_

#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/ops/health.h"
#include "gateway/ops/status/history.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// Takes a sample every History::kInterval on a thread that sleeps in between,
// and shows each check as praxis_gateway_check_ok{check}, 1 or 0.
class Sampler {
 public:
  // `registry` outlives the last check. `streams` as TrafficOf() has it.
  Sampler(std::shared_ptr<HealthChecks> checks, telemetry::Registry& registry,
          std::set<std::string> streams,
          absl::Duration interval = History::kInterval);
  ~Sampler();

  // May outlive this.
  std::shared_ptr<const History> history() const { return history_; }

 private:
  void Sample();

  const std::shared_ptr<HealthChecks> checks_;
  telemetry::Registry& registry_;
  const std::set<std::string> streams_;
  // A check may answer when this is gone.
  const std::shared_ptr<History> history_ = std::make_shared<History>();
  absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_STATUS_SAMPLER_H_
