// The messages of RPC protocols, in and out of HTTP bodies.
#ifndef GATEWAY_CONNECT_MESSAGE_H_
#define GATEWAY_CONNECT_MESSAGE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/call/operation.h"
#include "gateway/forms/form.h"
#include "gateway/http/head.h"
#include "gateway/routes/route.h"

namespace praxis::gateway {

// Bytes of a message in wire form, as the services take them.
inline constexpr size_t kWireBytesMax = 4 << 20;

// Goes with a refusal: what may be posted to RPCs.
inline constexpr absl::string_view kAcceptPost =
    "Accept-Post: application/json, application/proto, "
    "application/connect+json, "
    "application/connect+proto, application/grpc-web, "
    "application/grpc-web+proto, application/grpc-web+json, "
    "application/grpc-web-text, application/grpc-web-text+proto\r\n";

// The form of a POST to the route of an RPC. MEDIA_TYPE_UNSUPPORTED for a media
// type that is none or cannot carry the method, STREAM_UNSUPPORTED for a method
// whose client streams, COMPRESSION_UNSUPPORTED for a body that is compressed,
// HEADER_INVALID for another version of Connect.
absl::StatusOr<Form> RpcFormOf(const Route& route, const RequestHead& head);

// How long a request's body may be.
size_t BodyBytesMax(const Form& form);

// The request of a body, as wire bytes. In wire form it goes through unread:
// the service parses it. BODY_INVALID, COMPRESSION_UNSUPPORTED.
absl::StatusOr<std::string> ReadMessage(const Form& form, const Route& route,
                                        absl::string_view body);

// The same with what the request's headers say behind it, as on every route:
// AddHeaders().
absl::StatusOr<std::string> ReadRequest(const Form& form,
                                        const Operation& operation,
                                        const RequestHead& head,
                                        absl::string_view body);

// The request of a Connect GET, whose form it sets: a query such as
//   connect=v1&encoding=json&message=%7B%7D
// with base64=1 if the message is in base64 (of either alphabet). Parameters
// of other names are not looked at. URL_INVALID, MEDIA_TYPE_UNSUPPORTED,
// COMPRESSION_UNSUPPORTED, BODY_INVALID.
absl::StatusOr<std::string> ReadQuery(const Route& route,
                                      absl::string_view query, Form* form);

// Appends a response's wire bytes as the form has them. Errors as WriteJson().
absl::Status WriteMessage(const Form& form, const Route& route,
                          absl::string_view wire, std::string* body);

}  // namespace praxis::gateway

#endif  // GATEWAY_CONNECT_MESSAGE_H_
