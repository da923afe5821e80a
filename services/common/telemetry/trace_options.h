// TraceOptions: what is recorded of traces, and who gets it.
#ifndef SERVICES_COMMON_TELEMETRY_TRACE_OPTIONS_H_
#define SERVICES_COMMON_TELEMETRY_TRACE_OPTIONS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace praxis::telemetry {

// Names and values.
using Pairs = std::vector<std::pair<std::string, std::string>>;

// What the variables OTEL_* say (OpenTelemetry, "Environment Variable
// Specification"), with its defaults.
struct TraceOptions {
  // URL that takes OTLP over HTTP, "http://collector:4318/v1/traces"; empty:
  // nothing is recorded.
  std::string endpoint;
  // File of the certificates that an https:// endpoint is known by; empty: the
  // system's.
  std::string certificate;
  // Header fields that are sent along.
  Pairs headers;
  // Who it is that speaks: "service.name" and more.
  Pairs resource;
  // What the caller records is recorded, what it does not is not, and `ratio`
  // is for the traces that begin here. Else `ratio` decides alone.
  bool parent_based = true;
  // Of the traces, from 0, none, to 1, all. Told from the trace's id, so that
  // all services with one ratio record the same traces.
  double ratio = 1;
  // Spans that may wait; one more is dropped.
  int queue_max = 2048;
  // Spans that are sent at once.
  int batch_max = 512;
  // How long spans wait for others to go with.
  absl::Duration delay = absl::Seconds(5);
  // How long sending may take, with all that is tried again.
  absl::Duration timeout = absl::Seconds(10);
};

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_TRACE_OPTIONS_H_
