#include "services/common/auth/service_credential.h"

#include "absl/strings/str_cat.h"
#include "services/common/auth/principal.h"
#include "services/common/auth/secret_file.h"
#include "services/common/auth/secrets.h"
#include "services/common/status/status.h"

namespace praxis::auth {

absl::StatusOr<ServiceCredential> ServiceCredential::Open(
    const std::string& path) {
  ASSIGN_OR_RETURN(std::string secret, ReadOrMakeHexKey(path));
  return ServiceCredential(std::move(secret));
}

std::string ServiceCredential::SubjectToken(absl::string_view service) const {
  return absl::StrCat(service, ":", secret_);
}

std::optional<std::string> ServiceCredential::ServiceOf(
    absl::string_view subject_token) const {
  // The secret is hex, so the last colon is the one between.
  const size_t colon = subject_token.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  if (!SecretEquals(subject_token.substr(colon + 1), secret_)) {
    return std::nullopt;
  }
  // A shared secret vouches for services only, never for a person.
  Principal service;
  service.name = std::string(subject_token.substr(0, colon));
  if (!service.is_service() || !IsPrincipalName(service.name)) {
    return std::nullopt;
  }
  return service.name;
}

}  // namespace praxis::auth
