// TokenIssuer: makes the tokens that people and services are given.
#ifndef SERVICES_MEMBERS_HANDLERS_TOKEN_ISSUER_H_
#define SERVICES_MEMBERS_HANDLERS_TOKEN_ISSUER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/auth/secrets.h"
#include "services/common/auth/token.h"
#include "services/members/domain/session.h"

namespace praxis::members {

// How long an access token is good: as long as a revoked session may go on.
inline constexpr absl::Duration kAccessTokenLifetime = absl::Minutes(10);

// Makes access tokens, and makes and opens refresh tokens. Thread-safe.
//
// A refresh token is 256 random bits and the ids of its session, sealed. Being
// sealed, it cannot be made up, so one that opens but is not its session's good
// one was given out and has been used: no list of used tokens is kept. The
// random bits, of which only the SHA-256 of the whole is stored, keep it from
// being made even by who has the sealing key.
class TokenIssuer {
 public:
  // Both must outlive this.
  TokenIssuer(auth::TokenSigner& signer, const auth::Sealer& sealer)
      : signer_(signer), sealer_(sealer) {}

  // For a person who signed in; with the scopes read, write and moderate. What
  // may be moderated is a matter of roles.
  std::string AccessToken(const Session& session, absl::Time now);

  // For `service`, "services/..."; with the scopes read and write.
  std::string ServiceToken(absl::string_view service, absl::Time now);

  // The ids in a refresh token. They are no proof of anything.
  struct SessionIds {
    std::string member;
    std::string session;
  };
  std::string RefreshToken(const SessionIds& ids) const;

  // Nothing when the token is not one of ours.
  std::optional<SessionIds> OpenRefreshToken(absl::string_view token) const;

  // The public keys that access tokens are verified with.
  std::vector<auth::PublicKey> Keys() { return signer_.Keys(); }

 private:
  auth::TokenSigner& signer_;
  const auth::Sealer& sealer_;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_HANDLERS_TOKEN_ISSUER_H_
