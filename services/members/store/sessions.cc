#include "services/members/store/sessions.h"

#include "services/common/status/status.h"

namespace praxis::members::store {

// By its ids, which the refresh token carries: no index over hashes is needed,
// and rows of one person lie together.
absl::StatusOr<std::optional<Session>> FindSession(sql::Reader& reader,
                                                   absl::string_view member,
                                                   absl::string_view id) {
  std::optional<Session> session;
  RETURN_IF_ERROR(reader.Query(
      "SELECT refresh_hash, previous_hash, rotate_time, create_time, "
      "expire_time FROM sessions WHERE member_id = $1 AND id = $2",
      {member, id}, [&](const sql::Row& row) {
        session = Session{.member = std::string(member),
                          .id = std::string(id),
                          .refresh_hash = row.String(0),
                          .previous_hash = row.String(1),
                          .rotate_time = row.Time(2),
                          .create_time = row.Time(3),
                          .expire_time = row.Time(4)};
        return absl::OkStatus();
      }));
  return session;
}

absl::Status InsertSession(sql::Tx& tx, const Session& session) {
  // Ids grow with time: those at or below the one at this offset are too many.
  RETURN_IF_ERROR(
      tx.Execute("DELETE FROM sessions WHERE member_id = $1 AND ("
                 "  expire_time <= $2 OR id <= ("
                 "    SELECT id FROM sessions WHERE member_id = $1 "
                 "    ORDER BY id DESC LIMIT 1 OFFSET $3))",
                 {session.member, session.create_time, kSessionsMax - 1})
          .status());
  return tx
      .Execute(
          "INSERT INTO sessions (member_id, id, refresh_hash, "
          "previous_hash, rotate_time, create_time, expire_time) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7)",
          {session.member, session.id, session.refresh_hash,
           session.previous_hash, session.rotate_time, session.create_time,
           session.expire_time})
      .status();
}

absl::Status UpdateSession(sql::Tx& tx, const Session& session) {
  return tx
      .Execute(
          "UPDATE sessions SET refresh_hash = $3, previous_hash = $4, "
          "rotate_time = $5 WHERE member_id = $1 AND id = $2",
          {session.member, session.id, session.refresh_hash,
           session.previous_hash, session.rotate_time})
      .status();
}

absl::Status DeleteSession(sql::Tx& tx, const Session& session) {
  return tx
      .Execute("DELETE FROM sessions WHERE member_id = $1 AND id = $2",
               {session.member, session.id})
      .status();
}

absl::StatusOr<Attempts> GetAttempts(sql::Reader& reader,
                                     absl::string_view handle) {
  Attempts attempts;
  RETURN_IF_ERROR(reader.Query(
      "SELECT failures, last_failure FROM sign_in_attempts WHERE handle = $1",
      {handle}, [&](const sql::Row& row) {
        attempts.failures = static_cast<int>(row.Int(0));
        attempts.last_failure = row.Time(1);
        return absl::OkStatus();
      }));
  return attempts;
}

// Each row that is added drops up to two, so the table needs no job of its own
// however many handles are guessed at.
absl::Status PutAttempts(sql::Tx& tx, absl::string_view handle,
                         const Attempts& attempts) {
  RETURN_IF_ERROR(
      tx.Execute("DELETE FROM sign_in_attempts WHERE handle IN ("
                 "  SELECT handle FROM sign_in_attempts"
                 "  WHERE last_failure <= $1 ORDER BY last_failure LIMIT 2)",
                 {attempts.last_failure - kAttemptsKept})
          .status());
  return tx
      .Execute(
          "INSERT INTO sign_in_attempts (handle, failures, last_failure) "
          "VALUES ($1, $2, $3) ON CONFLICT (handle) DO UPDATE SET "
          "failures = excluded.failures, "
          "last_failure = excluded.last_failure",
          {handle, attempts.failures, attempts.last_failure})
      .status();
}

absl::Status DeleteAttempts(sql::Tx& tx, absl::string_view handle) {
  return tx.Execute("DELETE FROM sign_in_attempts WHERE handle = $1", {handle})
      .status();
}

}  // namespace praxis::members::store
