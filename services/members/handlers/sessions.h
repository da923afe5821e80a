// SessionService: signing in, and the keys that tokens are verified with.
#ifndef SERVICES_MEMBERS_HANDLERS_SESSIONS_H_
#define SERVICES_MEMBERS_HANDLERS_SESSIONS_H_

#include "absl/status/statusor.h"
#include "praxis/members/v1/sessions.pb.h"
#include "services/common/auth/service_credential.h"
#include "services/common/rpc/call.h"
#include "services/members/handlers/sign_in.h"
#include "services/members/handlers/token_issuer.h"

namespace praxis::members {

// The methods of SessionService, as sessions.proto describes them. Thread-safe.
class Sessions {
 public:
  // All must outlive this.
  Sessions(SignIn& sign_in, TokenIssuer& issuer,
           const auth::ServiceCredential& credential)
      : sign_in_(sign_in), issuer_(issuer), credential_(credential) {}

  // Signs in with handle and password. CREDENTIALS_INVALID, RATE_LIMITED,
  // OVERLOADED.
  absl::StatusOr<v1::SessionTokens> CreateSession(
      const rpc::Call& call, const v1::CreateSessionRequest& request);

  // Changes a refresh token for the next. TOKEN_INVALID.
  absl::StatusOr<v1::SessionTokens> RefreshSession(
      const rpc::Call& call, const v1::RefreshSessionRequest& request);

  // Gives a service of the suite its token (RFC 8693). TOKEN_INVALID.
  absl::StatusOr<v1::ExchangeTokenResponse> ExchangeToken(
      const rpc::Call& call, const v1::ExchangeTokenRequest& request);

  // The keys that access tokens are verified with (RFC 7517).
  absl::StatusOr<v1::Jwks> GetJwks(const rpc::Call& call,
                                   const v1::GetJwksRequest& request);

 private:
  SignIn& sign_in_;
  TokenIssuer& issuer_;
  const auth::ServiceCredential& credential_;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_HANDLERS_SESSIONS_H_
