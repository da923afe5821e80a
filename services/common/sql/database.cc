#include "services/common/sql/database.h"

#include "absl/time/clock.h"
#include "services/common/status/status.h"

namespace praxis::sql {

absl::Status NotFound(absl::string_view message) {
  return Error(errors::v1::RESOURCE_NOT_FOUND, message);
}

absl::Status CommitInDoubt() {
  return Error(errors::v1::COMMIT_IN_DOUBT,
               "Storage failed while it wrote; look whether the change is "
               "there before trying again.");
}

absl::Status CheckLimit(const Limit& limit) {
  if (limit.cancelled != nullptr && limit.cancelled->load()) {
    return Error(errors::v1::CANCELLED, "The call was cancelled.");
  }
  if (limit.deadline != absl::InfiniteFuture() &&
      absl::Now() >= limit.deadline) {
    return Error(errors::v1::DEADLINE_EXCEEDED,
                 "There was no time left for storage; allow the call more.");
  }
  return absl::OkStatus();
}

}  // namespace praxis::sql
