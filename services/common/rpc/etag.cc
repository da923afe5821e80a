#include "services/common/rpc/etag.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"

namespace praxis::rpc {

std::string EtagOf(int64_t version) { return absl::StrCat("v", version); }

absl::Status CheckEtag(absl::string_view etag, int64_t version) {
  if (etag.empty() || etag == "*" || etag == EtagOf(version)) {
    return absl::OkStatus();
  }
  return Error(Reason::ETAG_MISMATCH,
               "It has changed since you read it; read it again, then retry.");
}

}  // namespace praxis::rpc
