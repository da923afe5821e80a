// The suite's shared secret, by which its services know each other.
#ifndef SERVICES_COMMON_AUTH_SERVICE_CREDENTIAL_H_
#define SERVICES_COMMON_AUTH_SERVICE_CREDENTIAL_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace praxis::auth {

// The secret that a service shows at SessionService.ExchangeToken to get its
// token. Every service of one installation reads the same file; in one process,
// or when they share a data directory, the first one makes it.
class ServiceCredential {
 public:
  // Reads 64 hex digits from `path`, or makes the file with mode 0600.
  static absl::StatusOr<ServiceCredential> Open(const std::string& path);

  // The subject token of `service`: "NAME:SECRET", NAME such as
  // "services/discussions".
  std::string SubjectToken(absl::string_view service) const;

  // The service that a subject token names, if its secret is ours.
  std::optional<std::string> ServiceOf(absl::string_view subject_token) const;

 private:
  explicit ServiceCredential(std::string secret) : secret_(std::move(secret)) {}

  std::string secret_;
};

}  // namespace praxis::auth

#endif  // SERVICES_COMMON_AUTH_SERVICE_CREDENTIAL_H_
