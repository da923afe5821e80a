// Query parameters as fields of a request.
#ifndef GATEWAY_ROUTES_QUERY_H_
#define GATEWAY_ROUTES_QUERY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway/routes/route.h"

namespace praxis::gateway {

// Appends to `wire` what "thread.kind=VISIT&page_size=5" says of the request. A
// parameter names a field that is neither in the path nor in the body, by its
// name in the .proto or in JSON; a list takes one for each element. "+" is a
// space. URL_INVALID, naming the parameter, if it is not known, given twice,
// wrongly encoded or not of the field's type.
absl::Status AppendQuery(const Route& route, absl::string_view query,
                         std::string* wire);

// Whether the query has a parameter for the field.
bool QueryNames(absl::string_view query, const FieldSchema& field);

}  // namespace praxis::gateway

#endif  // GATEWAY_ROUTES_QUERY_H_
