// Spans as OTLP has them in JSON (opentelemetry/proto/trace/v1): ids in hex,
// enums by number.
#ifndef SERVICES_COMMON_TELEMETRY_SPAN_JSON_H_
#define SERVICES_COMMON_TELEMETRY_SPAN_JSON_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/telemetry/log.h"
#include "services/common/telemetry/trace.h"

namespace praxis::telemetry {

// What is said of a span when it ends. Views live as long as the call.
struct SpanEnd {
  // "GET /v1/{name=communities/*}": no ids in it.
  absl::string_view name;
  absl::Time begun;
  absl::Time ended;
  // Whether it failed by our fault, and how.
  bool failed = false;
  absl::string_view detail;
};

// A span that served a request.
std::string SpanJson(const Span& span, const SpanEnd& end,
                     std::initializer_list<Field> attributes);

// Appends an attribute of a span or a resource.
void AppendAttribute(const Field& field, std::string* out);

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_SPAN_JSON_H_
