#include "services/common/config/telemetry_flags.h"

#include "services/common/config/trace_variables.h"

namespace praxis::config {

void AddTelemetryFlags(Config& config, TelemetryOptions* options) {
  using telemetry::AccessLog;
  using telemetry::Severity;
  config.Section("Log");
  config.Choice<Severity>("log_level", &options->log_level,
                          {{"debug", Severity::kDebug},
                           {"info", Severity::kInfo},
                           {"warning", Severity::kWarning},
                           {"error", Severity::kError}},
                          "Least severity that is logged.");
  config.Choice<AccessLog::Mode>(
      "log_requests", &options->access_log.mode,
      {{"all", AccessLog::Mode::kAll},
       {"errors", AccessLog::Mode::kErrors},
       {"none", AccessLog::Mode::kNone}},
      "Requests that are logged: all, those that failed by our fault and the "
      "slow ones, or none. Metrics count every one.");
  config.Duration("log_slow", &options->access_log.slow, absl::ZeroDuration(),
                  absl::Hours(1), "From this latency on a request is slow.");
  AddTraceVariables(config, &options->traces);
}

}  // namespace praxis::config
