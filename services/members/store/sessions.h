// The tables sessions and sign_in_attempts.
#ifndef SERVICES_MEMBERS_STORE_SESSIONS_H_
#define SERVICES_MEMBERS_STORE_SESSIONS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"
#include "services/members/domain/attempts.h"
#include "services/members/domain/session.h"

namespace praxis::members::store {

// Sessions that one person can have at once.
inline constexpr int kSessionsMax = 100;

// The session with these ids; nothing when it ended.
absl::StatusOr<std::optional<Session>> FindSession(sql::Reader& reader,
                                                   absl::string_view member,
                                                   absl::string_view id);

// Adds a session; ends those of the same person that are over, and the oldest
// when there are more than kSessionsMax.
absl::Status InsertSession(sql::Tx& tx, const Session& session);

// Stores what a refresh changes.
absl::Status UpdateSession(sql::Tx& tx, const Session& session);

absl::Status DeleteSession(sql::Tx& tx, const Session& session);

// None for a handle that was not tried.
absl::StatusOr<Attempts> GetAttempts(sql::Reader& reader,
                                     absl::string_view handle);

// Stores the attempts and drops a few that were made more than kAttemptsKept
// before the last, so that the table holds no more than a day brings.
absl::Status PutAttempts(sql::Tx& tx, absl::string_view handle,
                         const Attempts& attempts);

absl::Status DeleteAttempts(sql::Tx& tx, absl::string_view handle);

}  // namespace praxis::members::store

#endif  // SERVICES_MEMBERS_STORE_SESSIONS_H_
