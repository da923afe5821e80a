// The status page: how everything does, for people.
#ifndef GATEWAY_OPS_STATUS_PAGE_H_
#define GATEWAY_OPS_STATUS_PAGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/ops/health.h"
#include "gateway/ops/pages.h"
#include "gateway/ops/status/history.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// What the page shows.
struct StatusView {
  std::string program;
  std::string version;
  // When the gateway began, and when the page is made.
  absl::Time start;
  absl::Time now;
  int64_t connections = 0;
  std::vector<Health> checks;
  // Of the last hour, as History::InPeriodsOf gives it, and the last minute.
  std::vector<Period> hour;
  std::optional<Period> minute;
  // Come again by itself.
  bool refresh = true;
};

// The whole document: no script, nothing from elsewhere, all text escaped.
std::string StatusHtml(const StatusView& view);

// What the page says of the program.
struct StatusPageOptions {
  std::string program;
  std::string version;
};

// Adds /status, which comes again every History::kInterval unless it is asked
// for as /status?refresh=off. `registry` outlives the last check.
void AddStatusPage(const StatusPageOptions& options,
                   std::shared_ptr<HealthChecks> checks,
                   std::shared_ptr<const History> history,
                   telemetry::Registry& registry, Pages* pages);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_STATUS_PAGE_H_
