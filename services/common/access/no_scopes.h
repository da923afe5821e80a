// NoScopes: access where nobody stands anywhere.
#ifndef SERVICES_COMMON_ACCESS_NO_SCOPES_H_
#define SERVICES_COMMON_ACCESS_NO_SCOPES_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/access/access.h"

namespace praxis::access {

// For services that are about no scope: none of their policies names one.
class NoScopes : public Access {
 public:
  absl::StatusOr<Standing> StandingOf(absl::string_view,
                                      absl::string_view) override {
    return Standing();
  }
  absl::Status CatchUp() override { return absl::OkStatus(); }
};

}  // namespace praxis::access

#endif  // SERVICES_COMMON_ACCESS_NO_SCOPES_H_
