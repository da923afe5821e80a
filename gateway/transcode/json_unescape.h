#ifndef GATEWAY_TRANSCODE_JSON_UNESCAPE_H_
#define GATEWAY_TRANSCODE_JSON_UNESCAPE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// Sets `out` to what the inside of a JSON string means. A backslash is never
// its last byte. Null, or where an escape sequence stands that is none, such as
// half of a surrogate pair.
const char* UnescapeJson(absl::string_view text, std::string* out);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_JSON_UNESCAPE_H_
