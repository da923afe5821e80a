// Pages: what operators read over HTTP.
#ifndef GATEWAY_OPS_PAGES_H_
#define GATEWAY_OPS_PAGES_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "gateway/http/exchange.h"
#include "gateway/ops/health.h"
#include "gateway/ops/route_metrics.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// /livez, /readyz, /healthz, /metrics, /version and /openapi.json. They need no
// token and call no service but for how it does, so they answer also when the
// services cannot. Thread-safe.
class Pages {
 public:
  struct Options {
    // Name of the program and its version.
    std::string program = "praxis-gateway";
    std::string version;
    // The document at /openapi.json.
    std::string openapi;
  };

  // `registry` outlives this.
  Pages(Options options, telemetry::Registry& registry,
        std::shared_ptr<HealthChecks> checks);

  bool Has(absl::string_view path) const { return pages_.contains(path); }

  // Gives `answer` the page, now or from another thread. The exchange's path is
  // one that Has() knows, its method GET or HEAD.
  using Answer = std::function<void(Response)>;
  void Serve(const RequestHead& head, Answer answer) const;

  // Counts an answer to a path that Has() knows.
  void Count(absl::string_view path, int http_status) const;

  // The process stops: /readyz fails from here on.
  void Stop() { stopping_ = true; }

 private:
  struct Page {
    std::function<void(const RequestHead&, Answer)> serve;
    std::unique_ptr<RouteMetrics> metrics;
  };

  void Add(const std::string& path,
           std::function<void(const RequestHead&, Answer)> serve);
  void AddText(const std::string& path, absl::string_view content_type,
               std::string text);
  void AddHealth(const std::string& path, HealthPage page);

  telemetry::Registry& registry_;
  const std::shared_ptr<HealthChecks> checks_;
  std::atomic<bool> stopping_{false};
  absl::flat_hash_map<std::string, Page> pages_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_PAGES_H_
