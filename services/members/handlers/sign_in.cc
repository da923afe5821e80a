#include "services/members/handlers/sign_in.h"

#include <optional>
#include <string>
#include <utility>

#include "services/common/auth/secrets.h"
#include "services/common/rpc/id.h"
#include "services/common/status/status.h"
#include "services/members/convert.h"
#include "services/members/domain/attempts.h"
#include "services/members/domain/member.h"
#include "services/members/store/members.h"
#include "services/members/store/sessions.h"

namespace praxis::members {
namespace {

absl::Status CredentialsInvalid() {
  return Error(Reason::CREDENTIALS_INVALID,
               "Handle and password do not match a member.");
}

absl::Status RefreshTokenInvalid() {
  return Error(Reason::TOKEN_INVALID,
               "The refresh token is not good any more; sign in again.");
}

}  // namespace

absl::StatusOr<v1::SessionTokens> SignIn::WithPassword(
    absl::string_view handle, absl::string_view password, absl::Time now) {
  const std::string key = HandleKey(handle);
  std::optional<store::Account> account;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(const Attempts attempts, store::GetAttempts(reader, key));
    RETURN_IF_ERROR(MaySignIn(attempts, now));
    ASSIGN_OR_RETURN(account, store::FindAccount(reader, key));
    return absl::OkStatus();
  }));

  // Compared in every case: an answer that comes sooner would tell that there
  // is no such account.
  std::optional<std::string> hash;
  if (account.has_value()) hash = account->password_hash;
  ASSIGN_OR_RETURN(const bool matches, passwords_.Match(hash, password));
  // Nobody can have such a handle, so there is nothing to count.
  if (!matches && !IsHandle(key)) return CredentialsInvalid();

  Begun begun;
  if (matches) begun = BeginFor(account->member, now);
  RETURN_IF_ERROR(db_.Write([&](sql::Tx& tx) -> absl::Status {
    // Asked again, whatever the comparison said: of many guesses sent at once,
    // those beyond the allowed number learn nothing.
    ASSIGN_OR_RETURN(const Attempts attempts, store::GetAttempts(tx, key));
    RETURN_IF_ERROR(MaySignIn(attempts, now));
    if (!matches) {
      return store::PutAttempts(tx, key, AfterFailure(attempts, now));
    }
    RETURN_IF_ERROR(store::DeleteAttempts(tx, key));
    return store::InsertSession(tx, begun.session);
  }));
  if (!matches) return CredentialsInvalid();
  return Answer(begun.session, std::move(begun.refresh_token), now);
}

absl::StatusOr<v1::SessionTokens> SignIn::AsNew(absl::string_view member,
                                                absl::Time now) {
  Begun begun = BeginFor(member, now);
  RETURN_IF_ERROR(db_.Write(
      [&](sql::Tx& tx) { return store::InsertSession(tx, begun.session); }));
  return Answer(begun.session, std::move(begun.refresh_token), now);
}

absl::StatusOr<v1::SessionTokens> SignIn::WithRefreshToken(
    absl::string_view token, absl::Time now) {
  const auto ids = issuer_.OpenRefreshToken(token);
  if (!ids.has_value()) return RefreshTokenInvalid();
  const std::string hash = auth::Sha256Hex(token);
  const std::string next_token = issuer_.RefreshToken(*ids);
  const std::string next_hash = auth::Sha256Hex(next_token);

  // Ending the session is a success of the transaction, or it would be undone
  // with the refusal.
  std::optional<Session> refreshed;
  RETURN_IF_ERROR(db_.Write([&](sql::Tx& tx) -> absl::Status {
    refreshed.reset();
    ASSIGN_OR_RETURN(std::optional<Session> session,
                     store::FindSession(tx, ids->member, ids->session));
    if (!session.has_value()) return absl::OkStatus();
    const RefreshVerdict verdict = Judge(*session, hash, now);
    if (verdict == RefreshVerdict::kReplayed ||
        verdict == RefreshVerdict::kExpired) {
      return store::DeleteSession(tx, *session);
    }
    refreshed = Refreshed(*std::move(session), verdict, next_hash, now);
    return store::UpdateSession(tx, *refreshed);
  }));
  if (!refreshed.has_value()) return RefreshTokenInvalid();
  return Answer(*refreshed, next_token, now);
}

SignIn::Begun SignIn::BeginFor(absl::string_view member, absl::Time now) {
  const std::string id = rpc::NewId(now);
  std::string token =
      issuer_.RefreshToken({.member = std::string(member), .session = id});
  Session session = Begin(member, id, auth::Sha256Hex(token), now);
  return {.session = std::move(session), .refresh_token = std::move(token)};
}

v1::SessionTokens SignIn::Answer(const Session& session,
                                 std::string refresh_token, absl::Time now) {
  v1::SessionTokens tokens;
  tokens.set_member(MemberName(session.member));
  tokens.set_access_token(issuer_.AccessToken(session, now));
  tokens.set_refresh_token(std::move(refresh_token));
  tokens.set_expires_in_s(
      static_cast<int>(absl::ToInt64Seconds(kAccessTokenLifetime)));
  return tokens;
}

}  // namespace praxis::members
