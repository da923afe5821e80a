// Sessions: what a person who signed in holds until it ends.
#ifndef SERVICES_MEMBERS_DOMAIN_SESSION_H_
#define SERVICES_MEMBERS_DOMAIN_SESSION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::members {

// How long a session lasts, however often it is refreshed: who stole it holds
// it no longer than that.
inline constexpr absl::Duration kSessionLifetime = absl::Hours(30 * 24);

// How long a refresh token that was just used may be sent again, see Judge.
inline constexpr absl::Duration kRetryGrace = absl::Seconds(10);

// One sign-in. Exactly one refresh token of it is good at a time; tokens are
// known by their SHA-256 only.
struct Session {
  // Ids.
  std::string member;
  std::string id;
  // Of the token that is good, and of the one it was given out for; the latter
  // is empty before the first refresh.
  std::string refresh_hash;
  std::string previous_hash;
  // When the previous one was used.
  absl::Time rotate_time;
  absl::Time create_time;
  absl::Time expire_time;
};

// A new session of `member` from `now`.
Session Begin(absl::string_view member, absl::string_view id,
              absl::string_view refresh_hash, absl::Time now);

enum class RefreshVerdict {
  // The token that is good: give the next one.
  kRotate,
  // The one before it, sent again at once: give another in place of the next.
  kReplace,
  // One that was good before: end the session.
  kReplayed,
  // The session is over.
  kExpired,
};

// What to do with a token of this session whose SHA-256 is `hash`.
//
// A token that comes back after its use means that two hold it, and which of
// them is the thief cannot be told: the session ends for both (RFC 6819,
// 5.2.2.3; RFC 9700, 4.14.2). But a client whose answer got lost, or two of its
// tabs at once, send it again too, and must not be signed out for it. So for
// kRetryGrace the last used token is answered once more with a new token that
// takes the place of the one given before. This hides no theft: of two that
// hold the same token only one gets the token that is good, and the session
// ends when the other shows what it got.
RefreshVerdict Judge(const Session& session, absl::string_view hash,
                     absl::Time now);

// The session once its next token, with SHA-256 `next_hash`, was given out for
// one that was judged `verdict` (kRotate or kReplace).
Session Refreshed(Session session, RefreshVerdict verdict,
                  absl::string_view next_hash, absl::Time now);

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_DOMAIN_SESSION_H_
