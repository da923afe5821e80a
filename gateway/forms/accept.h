// The header Accept (RFC 9110, 12.5.1).
#ifndef GATEWAY_FORMS_ACCEPT_H_
#define GATEWAY_FORMS_ACCEPT_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// The weight, 0 to 1, that a list such as "text/html, application/json;q=0.5"
// gives to a media type by its own name; ranges ("*/*") do not count. Nothing
// for a type that it does not name. A weight that is none is 0.
std::optional<double> QualityOf(absl::string_view accept,
                                absl::string_view media_type);

}  // namespace praxis::gateway

#endif  // GATEWAY_FORMS_ACCEPT_H_
