#include "services/common/telemetry/tracer.h"

#include <cmath>
#include <optional>

#include "services/common/telemetry/span_exporter.h"
#include "services/common/telemetry/span_json.h"
#include "services/common/telemetry/trace_options.h"

namespace praxis::telemetry {
namespace {

// A span of the trace that `traceparent` names, else of a new one, which is not
// sampled.
Span SpanUnder(absl::string_view traceparent) {
  const std::optional<TraceContext> caller = TraceContext::Parse(traceparent);
  if (!caller.has_value()) return {TraceContext::Start(/*sampled=*/false)};
  return {caller->Child(), caller->span_id};
}

}  // namespace

Tracer::Tracer(const TraceOptions& options, Log& log, Registry& registry)
    : parent_based_(options.parent_based),
      ratio_(options.ratio),
      exporter_(options.endpoint.empty()
                    ? nullptr
                    : std::make_unique<SpanExporter>(options, log, registry)) {}

Tracer::~Tracer() = default;

// The last eight bytes of an id are the random ones (W3C Trace Context, level
// 2); of them 63 bits are held against the ratio, as other SDKs do.
bool Tracer::Chooses(const TraceContext& context) const {
  if (ratio_ >= 1) return true;
  uint64_t number = 0;
  for (size_t i = 8; i < context.trace_id.size(); ++i) {
    number = number << 8 | context.trace_id[i];
  }
  return static_cast<double>(number >> 1) < std::ldexp(ratio_, 63);
}

Span Tracer::Begin(absl::string_view traceparent) const {
  Span span = SpanUnder(traceparent);
  if (exporter_ == nullptr) return span;
  const bool has_parent = span.parent_id != decltype(span.parent_id){};
  if (!parent_based_ || !has_parent) {
    span.context.sampled = Chooses(span.context);
  }
  return span;
}

void Tracer::End(const Span& span, const SpanEnd& end,
                 std::initializer_list<Field> attributes) {
  if (!span.context.sampled || exporter_ == nullptr) return;
  exporter_->Add(SpanJson(span, end, attributes));
}

Span BeginSpan(const Tracer* tracer, absl::string_view traceparent) {
  return tracer == nullptr ? SpanUnder(traceparent)
                           : tracer->Begin(traceparent);
}

}  // namespace praxis::telemetry
