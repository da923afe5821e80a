#include "services/common/sql/database.h"

#include "services/common/status/status.h"

namespace praxis::sql {

absl::Status NotFound(absl::string_view message) {
  return Error(errors::v1::RESOURCE_NOT_FOUND, message);
}

}  // namespace praxis::sql
