// Health of an upstream, from what its process says of itself.
#ifndef GATEWAY_UPSTREAM_HEALTH_H_
#define GATEWAY_UPSTREAM_HEALTH_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "gateway/upstream/upstream.h"
#include "praxis/ops/v1/status.pb.h"

namespace praxis::gateway {

// A line for the upstream `name`, which answered, and one for each check.
std::vector<Health> HealthOf(absl::string_view name,
                             const ops::v1::ServiceStatus& status);

}  // namespace praxis::gateway

#endif  // GATEWAY_UPSTREAM_HEALTH_H_
