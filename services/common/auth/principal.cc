#include "services/common/auth/principal.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace praxis::auth {

bool IsPrincipalName(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "members/") &&
      !absl::ConsumePrefix(&name, "services/")) {
    return false;
  }
  constexpr size_t kIdLengthMax = 64;
  return !name.empty() && name.size() <= kIdLengthMax &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

}  // namespace praxis::auth
