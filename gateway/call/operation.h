// Operation: a route with all that answering it takes.
#ifndef GATEWAY_CALL_OPERATION_H_
#define GATEWAY_CALL_OPERATION_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "gateway/ops/route_metrics.h"
#include "gateway/routes/field_path.h"
#include "gateway/routes/route_table.h"
#include "gateway/upstream/upstream.h"

namespace praxis::gateway {

// How requests and answers cross the gateway.
enum class Shape {
  // A message each way, as JSON.
  kUnary,
  // praxis.http.v1.BodyChunk: a raw body down.
  kDownload,
  // A raw body up, in the field that the rule names as its body.
  kUpload,
  // Asked for by the RPC's own path: as the client's protocol has it.
  kRpcUnary,
  kRpcStream,
  // Any other server stream: message after message, as JSON.
  kMessages,
};

// Made at start-up for each route and then only read. What headers say goes
// into fields of the request, found here by their names and types so that no
// RPC needs code.
struct Operation {
  // FAILED_PRECONDITION for a method that HTTP cannot carry.
  static absl::StatusOr<std::unique_ptr<Operation>> Make(
      const Route& route, std::unique_ptr<Endpoint> endpoint,
      telemetry::Registry& registry);

  const Route& route;
  const Shape shape;
  const std::unique_ptr<Endpoint> endpoint;
  RouteMetrics metrics;

  // Unset where the request has no such field.
  std::optional<FieldPath> request_id;    // Idempotency-Key
  std::optional<FieldPath> etag;          // If-Match
  std::optional<FieldPath> range_offset;  // Range
  std::optional<FieldPath> range_limit;
  std::optional<FieldPath> after;  // Last-Event-ID, of a stream
  // What makes an event of a stream's message: its id and its type; null where
  // it has no such field.
  const FieldSchema* event_number = nullptr;
  const FieldSchema* event_type = nullptr;
  // The response's own etag; null if it has none.
  const FieldSchema* response_etag = nullptr;
  // Which of the route's variables begins with the scope of the method's
  // policy; unset if none does.
  std::optional<size_t> scope_variable;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_OPERATION_H_
