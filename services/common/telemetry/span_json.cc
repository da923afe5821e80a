#include "services/common/telemetry/span_json.h"

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/json.h"

namespace praxis::telemetry {
namespace {

// SPAN_KIND_SERVER and STATUS_CODE_ERROR.
constexpr int kServer = 2;
constexpr int kError = 2;

// As a fixed64 of protobuf's JSON, which is a string.
void AppendTime(absl::string_view name, absl::Time time, std::string* out) {
  absl::StrAppend(out, ",\"", name, "\":\"", absl::ToUnixNanos(time), "\"");
}

}  // namespace

// An AnyValue: bytes and lists do not occur.
void AppendAttribute(const Field& field, std::string* out) {
  out->append("{\"key\":");
  AppendJsonString(field.name, out);
  out->append(",\"value\":{");
  switch (field.kind) {
    case Field::Kind::kNone:
      break;
    case Field::Kind::kString:
      out->append("\"stringValue\":");
      AppendJsonString(field.text, out);
      break;
    case Field::Kind::kInteger:
      absl::StrAppend(out, "\"intValue\":\"", field.integer, "\"");
      break;
    case Field::Kind::kReal:
      absl::StrAppend(out, "\"doubleValue\":", field.real);
      break;
    case Field::Kind::kBool:
      out->append(field.integer != 0 ? "\"boolValue\":true"
                                     : "\"boolValue\":false");
      break;
  }
  out->append("}}");
}

std::string SpanJson(const Span& span, const SpanEnd& end,
                     std::initializer_list<Field> attributes) {
  std::string json =
      absl::StrCat("{\"traceId\":\"", span.context.TraceId().view(),
                   "\",\"spanId\":\"", span.context.SpanId().view(), "\"");
  if (span.parent_id != decltype(span.parent_id){}) {
    TraceContext parent;
    parent.span_id = span.parent_id;
    absl::StrAppend(&json, ",\"parentSpanId\":\"", parent.SpanId().view(),
                    "\"");
  }
  json.append(",\"name\":");
  AppendJsonString(end.name, &json);
  absl::StrAppend(&json, ",\"kind\":", kServer);
  AppendTime("startTimeUnixNano", end.begun, &json);
  AppendTime("endTimeUnixNano", end.ended, &json);
  json.append(",\"attributes\":[");
  for (const Field& field : attributes) {
    if (field.kind == Field::Kind::kNone) continue;
    if (json.back() == '}') json.push_back(',');
    AppendAttribute(field, &json);
  }
  json.push_back(']');
  if (end.failed) {
    absl::StrAppend(&json, ",\"status\":{\"code\":", kError, ",\"message\":");
    AppendJsonString(end.detail, &json);
    json.push_back('}');
  }
  json.push_back('}');
  return json;
}

}  // namespace praxis::telemetry
