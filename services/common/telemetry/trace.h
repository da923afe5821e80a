// Trace context: which trace a call belongs to (W3C Trace Context, level 1).
#ifndef SERVICES_COMMON_TELEMETRY_TRACE_H_
#define SERVICES_COMMON_TELEMETRY_TRACE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace praxis::telemetry {

// A trace and one span of it. Nothing here allocates.
struct TraceContext {
  // Never all zero.
  std::array<uint8_t, 16> trace_id = {};
  std::array<uint8_t, 8> span_id = {};
  // Whether the caller records this trace.
  bool sampled = false;

  // Text of a fixed length, without a terminating NUL.
  template <size_t kLength>
  struct Text : std::array<char, kLength> {
    absl::string_view view() const { return {this->data(), kLength}; }
  };

  // A trace of our own, with random ids.
  static TraceContext Start(bool sampled);

  // Reads a traceparent header (3.2). Of a later version only what this one
  // knows is read, as the standard asks.
  static std::optional<TraceContext> Parse(absl::string_view traceparent);

  // A new span of the same trace.
  TraceContext Child() const;

  // "00-{trace id}-{span id}-{flags}"
  Text<55> Traceparent() const;
  Text<32> TraceId() const;
  Text<16> SpanId() const;
};

// One piece of work of a trace: ours, and whose part it is. Allocates nothing.
struct Span {
  TraceContext context;
  // The span that caused it; all zero where the trace begins with it.
  std::array<uint8_t, 8> parent_id = {};
};

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_TRACE_H_
