// Metrics of the process itself.
#ifndef SERVICES_COMMON_TELEMETRY_PROCESS_METRICS_H_
#define SERVICES_COMMON_TELEMETRY_PROCESS_METRICS_H_

#include "services/common/telemetry/metrics.h"

namespace praxis::telemetry {

// CPU time, memory, open files and start time of this process, under the names
// that Prometheus' client libraries give them (process_cpu_seconds_total ...).
// They are read from the kernel whenever the registry is.
void AddProcessMetrics(Registry& registry);

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_PROCESS_METRICS_H_
