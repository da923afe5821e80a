#include "services/common/config/version.h"

namespace praxis::config {

absl::string_view Version() { return PRAXIS_VERSION; }

}  // namespace praxis::config
