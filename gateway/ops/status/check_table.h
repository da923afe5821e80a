// The table of what is behind the gateway.
#ifndef GATEWAY_OPS_STATUS_CHECK_TABLE_H_
#define GATEWAY_OPS_STATUS_CHECK_TABLE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gateway/ops/health.h"
#include "gateway/ops/status/history.h"

namespace praxis::gateway {

// A row a check, the parts of a backend below it: whether it works, since when,
// how long it took to find out, its events, and when it failed in the last
// hour.
std::string CheckTable(const std::vector<Health>& checks,
                       const std::vector<Period>& hour, absl::Time now);

// A dot for what works, a triangle for what does not.
std::string Mark(bool ok);

}  // namespace praxis::gateway

#endif  // GATEWAY_OPS_STATUS_CHECK_TABLE_H_
