// Field masks as text: paths in lowerCamelCase with commas between.
#ifndef GATEWAY_TRANSCODE_FIELD_MASK_TEXT_H_
#define GATEWAY_TRANSCODE_FIELD_MASK_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gateway/transcode/append_buffer.h"

namespace praxis::gateway {

// Appends a path such as "display_name" as "displayName". False if it is not
// ASCII identifiers with points between, or would not read back as it was.
bool AppendMaskPath(absl::string_view path, AppendBuffer* out);

// Appends the google.protobuf.FieldMask of a text as wire bytes. Names in
// snake_case are taken as well, for they are what AIP-161 shows in a URL.
// False if a path is empty, not of letters, digits, "_", "." and "*", or has a
// name that begins with a capital.
bool ParseFieldMask(absl::string_view text, AppendBuffer* out);

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_FIELD_MASK_TEXT_H_
