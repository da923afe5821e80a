// The flags about logging that every program has.
#ifndef SERVICES_COMMON_CONFIG_TELEMETRY_FLAGS_H_
#define SERVICES_COMMON_CONFIG_TELEMETRY_FLAGS_H_

#include "services/common/config/config.h"
#include "services/common/telemetry/access_log.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/trace_options.h"

namespace praxis::config {

// What is logged and recorded.
struct TelemetryOptions {
  telemetry::Severity log_level = telemetry::Severity::kInfo;
  telemetry::AccessLog::Options access_log;
  telemetry::TraceOptions traces;
};

// Adds the section "Log": --log_level, --log_requests, --log_slow; and that of
// AddTraceVariables. `options` must outlive the parsing.
void AddTelemetryFlags(Config& config, TelemetryOptions* options);

}  // namespace praxis::config

#endif  // SERVICES_COMMON_CONFIG_TELEMETRY_FLAGS_H_
