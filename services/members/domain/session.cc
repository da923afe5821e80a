#include "services/members/domain/session.h"

#include <utility>

namespace praxis::members {

Session Begin(absl::string_view member, absl::string_view id,
              absl::string_view refresh_hash, absl::Time now) {
  Session session;
  session.member = std::string(member);
  session.id = std::string(id);
  session.refresh_hash = std::string(refresh_hash);
  session.rotate_time = now;
  session.create_time = now;
  session.expire_time = now + kSessionLifetime;
  return session;
}

RefreshVerdict Judge(const Session& session, absl::string_view hash,
                     absl::Time now) {
  if (now >= session.expire_time) return RefreshVerdict::kExpired;
  if (hash == session.refresh_hash) return RefreshVerdict::kRotate;
  // A grace also for a call that came in just before the one that won.
  if (hash == session.previous_hash &&
      now < session.rotate_time + kRetryGrace) {
    return RefreshVerdict::kReplace;
  }
  return RefreshVerdict::kReplayed;
}

Session Refreshed(Session session, RefreshVerdict verdict,
                  absl::string_view next_hash, absl::Time now) {
  if (verdict == RefreshVerdict::kRotate) {
    session.previous_hash = std::move(session.refresh_hash);
    session.rotate_time = now;
  }
  session.refresh_hash = std::string(next_hash);
  return session;
}

}  // namespace praxis::members
