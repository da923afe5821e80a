// Files that hold one secret.
#ifndef SERVICES_COMMON_AUTH_SECRET_FILE_H_
#define SERVICES_COMMON_AUTH_SECRET_FILE_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace praxis::auth {

// The content of the file at `path`. When there is none, it is made with mode
// 0600 and what `make` answers: whole or not at all, also through a crash, and
// when several processes do so at once they all get what the first one made.
// Its folder must be there. A file of more than 64 KiB is refused.
//
// Failures name the path and are for whoever starts the process.
absl::StatusOr<std::string> ReadOrMakeSecretFile(
    const std::string& path, const std::function<std::string()>& make);

// The same of 32 bytes as 64 hex digits, random when made. Answers the digits.
absl::StatusOr<std::string> ReadOrMakeHexKey(const std::string& path);

}  // namespace praxis::auth

#endif  // SERVICES_COMMON_AUTH_SECRET_FILE_H_
