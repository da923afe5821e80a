#include "services/members/handlers/token_issuer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/auth/principal.h"
#include "services/members/convert.h"

namespace praxis::members {
namespace {

// Keeps page tokens, sealed with the same key, from passing as refresh tokens.
constexpr absl::string_view kContext = "refresh token";

}  // namespace

std::string TokenIssuer::AccessToken(const Session& session, absl::Time now) {
  return signer_.Sign({.name = MemberName(session.member),
                       .session = session.id,
                       .scopes = auth::kRead | auth::kWrite | auth::kModerate},
                      now, kAccessTokenLifetime);
}

std::string TokenIssuer::ServiceToken(absl::string_view service,
                                      absl::Time now) {
  return signer_.Sign(
      {.name = std::string(service), .scopes = auth::kRead | auth::kWrite}, now,
      kAccessTokenLifetime);
}

std::string TokenIssuer::RefreshToken(const SessionIds& ids) const {
  return sealer_.Seal(
      absl::StrCat(ids.member, "/", ids.session, "/", auth::RandomToken()),
      kContext);
}

std::optional<TokenIssuer::SessionIds> TokenIssuer::OpenRefreshToken(
    absl::string_view token) const {
  const std::optional<std::string> plain = sealer_.Unseal(token, kContext);
  if (!plain.has_value()) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(*plain, '/');
  if (parts.size() != 3) return std::nullopt;
  return SessionIds{.member = parts[0], .session = parts[1]};
}

}  // namespace praxis::members
