// SignIn: how a session begins and goes on.
#ifndef SERVICES_MEMBERS_HANDLERS_SIGN_IN_H_
#define SERVICES_MEMBERS_HANDLERS_SIGN_IN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "praxis/members/v1/sessions.pb.h"
#include "services/common/sql/database.h"
#include "services/members/domain/session.h"
#include "services/members/handlers/passwords.h"
#include "services/members/handlers/token_issuer.h"

namespace praxis::members {

// Begins sessions and refreshes them: what registering and signing in share.
// Thread-safe.
class SignIn {
 public:
  // All must outlive this.
  SignIn(sql::Database& db, Passwords& passwords, TokenIssuer& issuer)
      : db_(db), passwords_(passwords), issuer_(issuer) {}

  // For who knows the password of `handle`, in any case. CREDENTIALS_INVALID,
  // which takes as long and says the same whether the handle or the password
  // is wrong; RATE_LIMITED while the handle is locked, whoever has it;
  // OVERLOADED.
  absl::StatusOr<v1::SessionTokens> WithPassword(absl::string_view handle,
                                                 absl::string_view password,
                                                 absl::Time now);

  // For a member who was just registered.
  absl::StatusOr<v1::SessionTokens> AsNew(absl::string_view member,
                                          absl::Time now);

  // For who holds a refresh token. TOKEN_INVALID for one that is not good, and
  // when it was good once, its session ends.
  absl::StatusOr<v1::SessionTokens> WithRefreshToken(absl::string_view token,
                                                     absl::Time now);

 private:
  // A new session and the refresh token that it is stored with.
  struct Begun {
    Session session;
    std::string refresh_token;
  };
  Begun BeginFor(absl::string_view member, absl::Time now);
  v1::SessionTokens Answer(const Session& session, std::string refresh_token,
                           absl::Time now);

  sql::Database& db_;
  Passwords& passwords_;
  TokenIssuer& issuer_;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_HANDLERS_SIGN_IN_H_
