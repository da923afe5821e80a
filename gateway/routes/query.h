// Query parameters as fields of a request.
#ifndef GATEWAY_ROUTES_QUERY_H_
#define GATEWAY_ROUTES_QUERY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/routes/route.h"
#include "gateway/transcode/read_mask.h"

namespace praxis::gateway {

// Appends to `wire` what "thread.kind=VISIT&page_size=5" says of the request. A
// parameter names a field that is neither in the path nor in the body, by its
// name in the .proto or in JSON; a list takes one for each element. "+" is a
// space. URL_INVALID, naming the parameter, if it is not known, given twice,
// wrongly encoded or not of the field's type. A read mask is stepped over.
absl::Status AppendQuery(const Route& route, absl::string_view query,
                         std::string* wire);

// What the client wants to read of the answer: the parameter "fields", or
// "$fields" for methods whose request has a field of that name; everything
// without it. The mask is one within response_field if the route has that.
// URL_INVALID as by ReadMask::Parse().
absl::StatusOr<ReadMask> ReadMaskOf(const Route& route,
                                    absl::string_view query);

// Whether the query has a parameter for the field.
bool QueryNames(absl::string_view query, const FieldSchema& field);

}  // namespace praxis::gateway

#endif  // GATEWAY_ROUTES_QUERY_H_
