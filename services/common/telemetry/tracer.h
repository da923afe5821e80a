// Tracer: which requests are recorded, and who gets what was recorded.
#ifndef SERVICES_COMMON_TELEMETRY_TRACER_H_
#define SERVICES_COMMON_TELEMETRY_TRACER_H_

#include <initializer_list>
#include <memory>

#include "absl/strings/string_view.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/span_json.h"
#include "services/common/telemetry/trace.h"

namespace praxis::telemetry {

class Registry;
class SpanExporter;
struct TraceOptions;

// Begins and records the spans of a process. Nobody who records ever waits.
// Thread-safe.
class Tracer {
 public:
  // Spans go where `options` says, see SpanExporter; `log` and `registry`
  // outlive this. Without an endpoint nothing is recorded.
  Tracer(const TraceOptions& options, Log& log, Registry& registry);
  ~Tracer();

  // A span that `traceparent` caused, or the first of a new trace. Allocates
  // nothing.
  Span Begin(absl::string_view traceparent) const;

  // Records a span that serves a request. Does nothing unless it is sampled.
  void End(const Span& span, const SpanEnd& end,
           std::initializer_list<Field> attributes);

 private:
  // Whether a trace that begins here, or whose caller leaves it to us, is
  // recorded.
  bool Chooses(const TraceContext& context) const;

  const bool parent_based_;
  const double ratio_;
  // Null: nothing is recorded.
  const std::unique_ptr<SpanExporter> exporter_;
};

// tracer->Begin(traceparent), or, without one, a span that only passes on what
// the caller records.
Span BeginSpan(const Tracer* tracer, absl::string_view traceparent);

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_TRACER_H_
