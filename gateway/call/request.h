// An HTTP request as the request message of an RPC.
#ifndef GATEWAY_CALL_REQUEST_H_
#define GATEWAY_CALL_REQUEST_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/call/operation.h"
#include "gateway/http/head.h"
#include "gateway/routes/route_table.h"

namespace praxis::gateway {

// Bytes of a JSON body.
inline constexpr size_t kJsonBytesMax = 1 << 20;

// MEDIA_TYPE_UNSUPPORTED unless the body, if there is one, is JSON that is not
// compressed. BODY_INVALID for a body that the route does not take.
absl::Status CheckJsonBody(const Route& route, const RequestHead& head);

// Appends what headers say to a request message: If-Match as the etag,
// Idempotency-Key as request_id unless the request has one, Last-Event-ID as
// `after` of a stream. HEADER_INVALID.
absl::Status AddHeaders(const Operation& operation, const RequestHead& head,
                        std::string* wire);

// The request message, of path, query, body and headers. `body` is empty for a
// request without one. URL_INVALID, BODY_INVALID, HEADER_INVALID.
absl::StatusOr<std::string> BuildRequest(const Operation& operation,
                                         const RouteMatch& match,
                                         const RequestHead& head,
                                         absl::string_view body);

// The same of a request whose body is raw: what all but the body says.
absl::StatusOr<std::string> BuildRawRequest(const Operation& operation,
                                            const RouteMatch& match,
                                            const RequestHead& head);

}  // namespace praxis::gateway

#endif  // GATEWAY_CALL_REQUEST_H_
