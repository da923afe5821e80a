#include "services/common/limits/limiter.h"

#include "services/common/status/status.h"

namespace praxis::limits {

absl::Status Limited(absl::Duration wait) {
  return RetryAfter(Error(errors::v1::RATE_LIMITED,
                          "Too many requests; wait a moment and try again."),
                    wait);
}

}  // namespace praxis::limits
