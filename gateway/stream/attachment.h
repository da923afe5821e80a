// The headers a download is made harmless with.
#ifndef GATEWAY_STREAM_ATTACHMENT_H_
#define GATEWAY_STREAM_ATTACHMENT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// The media type to send for one that an uploader claimed: itself if it is on a
// fixed list of types that no browser runs anything in, else
// application/octet-stream. SVG, HTML and XML are not on it. A literal.
absl::string_view SafeMediaType(absl::string_view claimed);

// Appends Content-Disposition: attachment, with the name (RFC 6266) both as
// ASCII and, if it is not, as UTF-8 (RFC 8187), and the Content-Security-Policy
// of a page that may do nothing. Path separators, quotes and control characters
// do not come through.
void AddAttachmentFields(absl::string_view filename, std::string* fields);

}  // namespace praxis::gateway

#endif  // GATEWAY_STREAM_ATTACHMENT_H_
