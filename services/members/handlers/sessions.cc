#include "services/members/handlers/sessions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "services/common/auth/token.h"
#include "services/common/status/status.h"

namespace praxis::members {
namespace {

constexpr absl::string_view kServiceCredentialType =
    "urn:praxis:token-type:service-credential";
// RFC 8693, 3.
constexpr absl::string_view kAccessTokenType =
    "urn:ietf:params:oauth:token-type:access_token";

// Who may hold the service credential.
constexpr std::array<absl::string_view, 4> kServices = {
    "services/members", "services/discussions", "services/resources",
    "services/gateway"};

}  // namespace

absl::StatusOr<v1::SessionTokens> Sessions::CreateSession(
    const rpc::Call& call, const v1::CreateSessionRequest& request) {
  return sign_in_.WithPassword(request.handle(), request.password(), call.time);
}

absl::StatusOr<v1::SessionTokens> Sessions::RefreshSession(
    const rpc::Call& call, const v1::RefreshSessionRequest& request) {
  return sign_in_.WithRefreshToken(request.refresh_token(), call.time);
}

absl::StatusOr<v1::ExchangeTokenResponse> Sessions::ExchangeToken(
    const rpc::Call& call, const v1::ExchangeTokenRequest& request) {
  if (request.subject_token_type() != kServiceCredentialType) {
    return FieldErrors({{"subject_token_type",
                         "must be " + std::string(kServiceCredentialType)}});
  }
  const std::optional<std::string> service =
      credential_.ServiceOf(request.subject_token());
  if (!service.has_value() || std::find(kServices.begin(), kServices.end(),
                                        *service) == kServices.end()) {
    return Error(Reason::TOKEN_INVALID,
                 "The subject token is no credential of a service.");
  }
  v1::ExchangeTokenResponse response;
  response.set_access_token(issuer_.ServiceToken(*service, call.time));
  response.set_issued_token_type(std::string(kAccessTokenType));
  response.set_expires_in_s(
      static_cast<int>(absl::ToInt64Seconds(kAccessTokenLifetime)));
  return response;
}

absl::StatusOr<v1::Jwks> Sessions::GetJwks(const rpc::Call&,
                                           const v1::GetJwksRequest&) {
  v1::Jwks jwks;
  for (const auth::PublicKey& key : issuer_.Keys()) {
    v1::Jwk& jwk = *jwks.add_keys();
    jwk.set_kty("EC");
    jwk.set_use("sig");
    jwk.set_alg("ES256");
    jwk.set_kid(key.kid);
    jwk.set_crv("P-256");
    jwk.set_x(key.x);
    jwk.set_y(key.y);
  }
  return jwks;
}

}  // namespace praxis::members
