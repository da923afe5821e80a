// The version of the suite.
#ifndef SERVICES_COMMON_CONFIG_VERSION_H_
#define SERVICES_COMMON_CONFIG_VERSION_H_

#include "absl/strings/string_view.h"

namespace praxis::config {

// As the build has it, semver.org: "0.1.0".
absl::string_view Version();

}  // namespace praxis::config

#endif  // SERVICES_COMMON_CONFIG_VERSION_H_
