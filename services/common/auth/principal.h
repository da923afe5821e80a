// Who is calling.
#ifndef SERVICES_COMMON_AUTH_PRINCIPAL_H_
#define SERVICES_COMMON_AUTH_PRINCIPAL_H_

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::auth {

// What a token allows; one bit each of the claim `scope`.
enum TokenScope : unsigned {
  kRead = 1,
  kWrite = 2,
  kModerate = 4,
  kAdmin = 8,
};

// A verified caller. Default: anyone, without a token.
struct Principal {
  // "members/..." or "services/..."; empty is anyone.
  std::string name;
  // Id of the session the token belongs to; empty for services.
  std::string session;
  // Or of TokenScope.
  unsigned scopes = 0;
  absl::Time expire_time = absl::InfinitePast();

  bool signed_in() const { return !name.empty(); }
  bool is_service() const { return absl::StartsWith(name, "services/"); }
};

// Whether `name` is "members/{id}" or "services/{id}" with an id of 1 to 64 of
// [a-z0-9-].
bool IsPrincipalName(absl::string_view name);

}  // namespace praxis::auth

#endif  // SERVICES_COMMON_AUTH_PRINCIPAL_H_
