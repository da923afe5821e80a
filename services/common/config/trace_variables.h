// The variables of OpenTelemetry that every program reads.
#ifndef SERVICES_COMMON_CONFIG_TRACE_VARIABLES_H_
#define SERVICES_COMMON_CONFIG_TRACE_VARIABLES_H_

#include "services/common/config/config.h"
#include "services/common/telemetry/trace_options.h"

namespace praxis::config {

// Adds the section "Traces": OTEL_EXPORTER_OTLP_ENDPOINT and what goes with it,
// under the names and in the forms of OpenTelemetry's "Environment Variable
// Specification", so that what an operator sets for everything that runs is
// good for us too. What is said of traces alone
// (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) goes before what is said of all signals.
// `options` must outlive the parsing.
void AddTraceVariables(Config& config, telemetry::TraceOptions* options);

}  // namespace praxis::config

#endif  // SERVICES_COMMON_CONFIG_TRACE_VARIABLES_H_
