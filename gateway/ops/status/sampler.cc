#include "gateway/ops/status/sampler.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace praxis::gateway {

Sampler::Sampler(std::shared_ptr<HealthChecks> checks,
                 telemetry::Registry& registry, std::set<std::string> streams,
                 absl::Duration interval)
    : checks_(std::move(checks)),
      registry_(registry),
      streams_(std::move(streams)) {
  thread_ = std::thread([this, interval] {
    absl::MutexLock lock(&mutex_);
    do {
      mutex_.Unlock();
      Sample();
      mutex_.Lock();
    } while (!mutex_.AwaitWithTimeout(absl::Condition(&ending_), interval));
  });
}

Sampler::~Sampler() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_.join();
}

// How the backends do is part of a sample, so it is complete when they have
// answered.
void Sampler::Sample() {
  checks_->Ask([history = history_, &registry = registry_,
                streams = streams_](const std::vector<Health>& lines) {
    std::set<std::string> failed;
    for (const Health& line : lines) {
      if (!line.status.ok()) failed.insert(line.name);
      registry
          .FindGauge("praxis_gateway_check_ok",
                     "1 while a part of what is behind the gateway does its "
                     "work.",
                     {{"check", line.name}})
          .Set(line.status.ok() ? 1 : 0);
    }
    history->Add(absl::Now(), TrafficOf(registry, streams), std::move(failed));
  });
}

}  // namespace praxis::gateway
