// JSON text, as the log writes it.
#ifndef SERVICES_COMMON_TELEMETRY_JSON_H_
#define SERVICES_COMMON_TELEMETRY_JSON_H_

#include <string>

#include "absl/strings/string_view.h"

namespace praxis::telemetry {

// Appends `text` as a JSON string (RFC 8259, 7), quotes included. Control
// characters are escaped, so that a line stays a line; bytes that are not UTF-8
// become U+FFFD, so that every reader takes it.
void AppendJsonString(absl::string_view text, std::string* out);

}  // namespace praxis::telemetry

#endif  // SERVICES_COMMON_TELEMETRY_JSON_H_
