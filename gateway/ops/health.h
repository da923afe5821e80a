// Health: how the gateway and what is behind it do.
#ifndef GATEWAY_OPS_HEALTH_H_
#define GATEWAY_OPS_HEALTH_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/http/response.h"
#include "gateway/upstream/upstream.h"

namespace praxis::gateway {

// Asks all backends how they do, and keeps the answer for a second: probes that
// come faster, or from many, cost the backends nothing more. Thread-safe.
class HealthChecks : public std::enable_shared_from_this<HealthChecks> {
 public:
  using Done = absl::AnyInvocable<void(const std::vector<Health>&)>;

  // The upstreams outlive the last check.
  explicit HealthChecks(std::vector<Upstream*> upstreams);

  // One line each, by name. `done` is called on any thread, now if the answer
  // is known.
  void Ask(Done done);

 private:
  void CheckAll();
  void Add(std::vector<Health> lines);

  const std::vector<Upstream*> upstreams_;
  absl::Mutex mutex_;
  std::vector<Health> known_ ABSL_GUARDED_BY(mutex_);
  absl::Time good_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // Of the check under way.
  size_t missing_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Health> coming_ ABSL_GUARDED_BY(mutex_);
  std::vector<Done> waiting_ ABSL_GUARDED_BY(mutex_);
};

// What is asked: /livez, /readyz or /healthz with the query of Kubernetes' API
// server.
struct HealthQuery {
  // "?verbose": a line for each check.
  bool verbose = false;
  // "?exclude=members&exclude=...": checks that are left out.
  std::vector<std::string> excluded;

  static HealthQuery Parse(absl::string_view query);
};

// Which page. A process that lives but lacks a backend is degraded, not dead:
// to restart it, or to take it and with it every other one out of service,
// would make things worse. So backends decide about the words of an answer,
// never about its status.
enum class HealthPage {
  // The process runs. Depends on nothing.
  kLive,
  // It takes requests; fails once it stops, so that load balancers look away.
  kReady,
  // How everything does, for people: "ok" or "degraded".
  kHealth,
};

// 200 "ok", or 503 where the page fails; in the text form of Kubernetes.
Response HealthResponse(HealthPage page, const HealthQuery& query,
                        bool stopping, const std::vector<Health>& backends);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_HEALTH_H_
