// Etags: a row's version, as callers see it (AIP-154).
#ifndef SERVICES_COMMON_RPC_ETAG_H_
#define SERVICES_COMMON_RPC_ETAG_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace praxis::rpc {

// Opaque to callers; 1, 2, 3 ... per object.
std::string EtagOf(int64_t version);

// ETAG_MISMATCH unless `etag` is empty (the caller does not care), "*", or the
// etag of `version`.
absl::Status CheckEtag(absl::string_view etag, int64_t version);

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_ETAG_H_
