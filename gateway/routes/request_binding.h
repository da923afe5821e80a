// What an HTTP request says, as the wire bytes of the request message, and the
// way back.
#ifndef GATEWAY_ROUTES_REQUEST_BINDING_H_
#define GATEWAY_ROUTES_REQUEST_BINDING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/routes/route_table.h"
#include "gateway/transcode/read_mask.h"

namespace praxis::gateway {

// The three functions take a match that has a route. `query` is what stands
// behind "?" in the request's target, undecoded.

// The request of a method: the query, the body and then the path, so that the
// path wins over the body when the bytes are parsed. An empty body is {}. A
// PATCH of a resource that names no update_mask is given that of the fields in
// its body (AIP-134), less those in the path and the etag.
// BODY_INVALID or URL_INVALID, with a message that names the culprit.
absl::StatusOr<std::string> BindRequest(const RouteMatch& match,
                                        absl::string_view query,
                                        absl::string_view body);

// The same without a body: the first message of a stream whose body is raw.
absl::StatusOr<std::string> BindUrl(const RouteMatch& match,
                                    absl::string_view query);

// Appends the JSON of a response: all of it, or the field that the route names,
// and of that what the mask keeps (ReadMaskOf). Errors as WriteJson().
absl::Status WriteResponse(const Route& route, absl::string_view wire,
                           const ReadMask& mask, std::string* json);

}  // namespace praxis::gateway

#endif  // GATEWAY_ROUTES_REQUEST_BINDING_H_
