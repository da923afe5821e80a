// What the gateway counts of its requests.
#ifndef GATEWAY_OPS_ROUTE_METRICS_H_
#define GATEWAY_OPS_ROUTE_METRICS_H_

#include <array>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// The requests of one route:
//   praxis_gateway_requests_total{route,method,upstream,code}
//   praxis_gateway_request_seconds{route,method,upstream}
// `route` is the template, `code` the class ("2xx"): callers can make up
// neither. Thread-safe; counting takes no lock.
class RouteMetrics {
 public:
  // `upstream` is the package that serves it, or "gateway".
  RouteMetrics(telemetry::Registry& registry, absl::string_view route,
               absl::string_view method, absl::string_view upstream);

  void Answered(int http_status, absl::Duration took) const;

 private:
  std::array<telemetry::Counter*, 5> by_class_;
  telemetry::Histogram& seconds_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_ROUTE_METRICS_H_
