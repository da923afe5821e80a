// Probes: /livez, /readyz and /healthz.
#ifndef GATEWAY_OPS_PROBES_H_
#define GATEWAY_OPS_PROBES_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gateway/http/response.h"
#include "gateway/ops/health.h"
#include "gateway/ops/pages.h"

namespace praxis::gateway {

// What is asked: the query of Kubernetes' API server, and JSON.
struct HealthQuery {
  // "?verbose": a line for each check.
  bool verbose = false;
  // "?exclude=members&exclude=...": checks that are left out.
  std::vector<std::string> excluded;
  // "?format=json": all that is known of each, of /healthz alone.
  bool json = false;

  // What it does not know is ignored, as Kubernetes does.
  static HealthQuery Parse(absl::string_view query);
};

// Which page. A process that lives but lacks a backend is degraded, not dead:
// to restart it, or to take it and with it every other one out of service,
// would make things worse. So backends stand on the page for people only, and
// decide about its words, never about its status.
enum class HealthPage {
  // The process runs. Depends on nothing.
  kLive,
  // It takes requests; fails once it stops, so that load balancers look away.
  kReady,
  // How everything does, for people: "ok" or "degraded".
  kHealth,
};

// 200 "ok", or 503 where the page fails; in the text form of Kubernetes' API
// server (k8s.io/apiserver, pkg/server/healthz), which always withholds why.
Response HealthText(HealthPage page, const HealthQuery& query, bool stopping,
                    const std::vector<Health>& backends);

// {"status": "ok" or "degraded", "checks": [{"name", "status": "ok", "failed"
// or "excluded", "since", "latency_ms", "version", "message", "numbers",
// "lag"}]}; what is not known of a check is not there.
Response HealthJson(const HealthQuery& query,
                    const std::vector<Health>& backends);

// The three pages, on one port or two. Thread-safe.
class Probes {
 public:
  explicit Probes(std::shared_ptr<HealthChecks> checks)
      : checks_(std::move(checks)) {}

  // Adds the pages, with the lines of each check if `details`: they tell how
  // the house is built. This outlives `pages`.
  void AddTo(Pages* pages, bool details);

  // The process stops: /readyz fails from here on.
  void Stop() { stopping_ = true; }

 private:
  void ServeHealth(bool details, const RequestHead& head,
                   const Pages::Answer& answer) const;

  const std::shared_ptr<HealthChecks> checks_;
  std::atomic<bool> stopping_{false};
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_PROBES_H_
