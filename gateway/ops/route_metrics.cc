#include "gateway/ops/route_metrics.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace praxis::gateway {
namespace {

telemetry::Labels LabelsOf(absl::string_view route, absl::string_view method,
                           absl::string_view upstream) {
  return {{"route", absl::StrCat(route)},
          {"method", absl::StrCat(method)},
          {"upstream", absl::StrCat(upstream)}};
}

}  // namespace

RouteMetrics::RouteMetrics(telemetry::Registry& registry,
                           absl::string_view route, absl::string_view method,
                           absl::string_view upstream)
    : seconds_(registry.FindHistogram(
          "praxis_gateway_request_seconds",
          "From the end of a request's head to its answer.",
          LabelsOf(route, method, upstream), telemetry::LatencyBounds())) {
  for (size_t i = 0; i < by_class_.size(); ++i) {
    telemetry::Labels labels = LabelsOf(route, method, upstream);
    labels.emplace_back("code", absl::StrCat(i + 1, "xx"));
    by_class_[i] =
        &registry.FindCounter("praxis_gateway_requests_total",
                              "Requests answered, by class of status.", labels);
  }
}

// Found at start-up, so that counting is two atomic adds.
void RouteMetrics::Answered(int http_status, absl::Duration took) const {
  by_class_[std::clamp(http_status / 100 - 1, 0, 4)]->Add();
  seconds_.Record(took);
}

}  // namespace praxis::gateway
