// Base64url, as tokens have it.
#ifndef SERVICES_COMMON_AUTH_ENCODING_H_
#define SERVICES_COMMON_AUTH_ENCODING_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace praxis::auth {

// Makes libsodium usable; cheap after the first time. Called by whatever here
// uses it.
void InitSodium();

// RFC 4648, 5, without padding.
std::string Base64Url(absl::string_view bytes);

// The way back. Only what Base64Url writes is taken: no padding, no white
// space, no bits left over (3.5), so that two texts never mean the same bytes.
std::optional<std::string> FromBase64Url(absl::string_view text);

}  // namespace praxis::auth

#endif  // SERVICES_COMMON_AUTH_ENCODING_H_
