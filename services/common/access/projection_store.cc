#include "services/common/access/projection_store.h"

#include <string>

#include "absl/time/clock.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::access {
namespace {

using events::v1::AccessChange;
using events::v1::Event;

constexpr size_t kNameBytesMax = 1024;

// A name that every database takes.
bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax &&
         name.find('\0') == name.npos;
}

absl::Status Skip(const Event& event, absl::string_view why) {
  spdlog::error("access: event {} of {} ({}) is skipped: {}", event.number(),
                event.source(), event.type(),
                std::string(why.data(), why.size()));
  return absl::OkStatus();
}

absl::Status PutScope(sql::Tx& tx, const Event& event) {
  Visibility visibility = event.access().visibility();
  if (visibility != events::v1::PUBLIC && visibility != events::v1::PRIVATE &&
      visibility != events::v1::HIDDEN) {
    spdlog::error("access: event {} of {}: visibility {} is not known: hidden",
                  event.number(), event.source(), visibility);
    visibility = events::v1::HIDDEN;
  }
  return tx
      .Execute(
          "INSERT INTO access_scopes (scope, visibility) VALUES ($1, $2)"
          " ON CONFLICT (scope) DO UPDATE SET visibility = excluded.visibility",
          {event.access().scope(), visibility})
      .status();
}

// Its grants go too: a scope that is made anew begins without members.
absl::Status RemoveScope(sql::Tx& tx, const AccessChange& change) {
  RETURN_IF_ERROR(
      tx.Execute("DELETE FROM access_grants WHERE scope = $1", {change.scope()})
          .status());
  return tx
      .Execute("DELETE FROM access_scopes WHERE scope = $1", {change.scope()})
      .status();
}

absl::Status PutGrant(sql::Tx& tx, const AccessChange& change) {
  const events::v1::Grant& grant = change.grant();
  if (grant.role() <= events::v1::ROLE_UNSPECIFIED) {
    return tx
        .Execute(
            "DELETE FROM access_grants WHERE scope = $1 AND principal = $2",
            {change.scope(), grant.principal()})
        .status();
  }
  return tx
      .Execute(
          "INSERT INTO access_grants (scope, principal, role)"
          " VALUES ($1, $2, $3)"
          " ON CONFLICT (scope, principal) DO UPDATE SET role = excluded.role",
          {change.scope(), grant.principal(), grant.role()})
      .status();
}

absl::StatusOr<bool> HasDeadLetters(sql::Reader& reader,
                                    absl::string_view scope) {
  bool has = false;
  RETURN_IF_ERROR(
      reader.Query("SELECT 1 FROM access_dead_letters WHERE scope = $1 LIMIT 1",
                   {scope}, [&](const sql::Row&) {
                     has = true;
                     return absl::OkStatus();
                   }));
  return has;
}

}  // namespace

absl::StatusOr<int64_t> GetPosition(sql::Reader& reader,
                                    absl::string_view source) {
  int64_t number = 0;
  RETURN_IF_ERROR(
      reader.Query("SELECT number FROM access_positions WHERE source = $1",
                   {source}, [&](const sql::Row& row) {
                     number = row.Int(0);
                     return absl::OkStatus();
                   }));
  return number;
}

absl::Status PutPosition(sql::Tx& tx, absl::string_view source,
                         int64_t number) {
  return tx
      .Execute(
          "INSERT INTO access_positions (source, number) VALUES ($1, $2)"
          " ON CONFLICT (source) DO UPDATE SET number = excluded.number",
          {source, number})
      .status();
}

absl::Status ApplyEvent(sql::Tx& tx, const Event& event) {
  if (!event.has_access()) return absl::OkStatus();
  const AccessChange& change = event.access();
  if (!IsName(change.scope())) return Skip(event, "its scope is no name");
  ASSIGN_OR_RETURN(const bool held_back, HasDeadLetters(tx, change.scope()));
  if (held_back) return Bury(tx, event, "an earlier event of its scope failed");
  switch (change.change_case()) {
    case AccessChange::kVisibility:
      return PutScope(tx, event);
    case AccessChange::kRemoved:
      if (!change.removed()) return Skip(event, "removed is false");
      return RemoveScope(tx, change);
    case AccessChange::kGrant:
      if (!IsName(change.grant().principal())) {
        return Skip(event, "its principal is no name");
      }
      return PutGrant(tx, change);
    case AccessChange::CHANGE_NOT_SET:
      return Skip(event, "its change is not known");
  }
  return absl::OkStatus();
}

absl::Status Bury(sql::Tx& tx, const Event& event, absl::string_view error) {
  spdlog::error("access: event {} of {} ({}) is a dead letter: {}",
                event.number(), event.source(), event.type(),
                std::string(error));
  const std::string body = event.SerializeAsString();
  RETURN_IF_ERROR(
      tx.Execute("INSERT INTO access_dead_letters"
                 " (source, number, scope, time, error, body)"
                 " VALUES ($1, $2, $3, $4, $5, $6)"
                 " ON CONFLICT (source, number) DO NOTHING",
                 {event.source(), event.number(), event.access().scope(),
                  absl::Now(), error, sql::Param::Blob(body)})
          .status());
  return RemoveScope(tx, event.access());
}

absl::StatusOr<int64_t> CountDeadLetters(sql::Reader& reader) {
  return reader.One("SELECT count(*) FROM access_dead_letters", {}, "",
                    [](const sql::Row& row) { return row.Int(0); });
}

// One row at the most: a missing grant is NULL and so reads as no role.
absl::StatusOr<Standing> GetStanding(sql::Reader& reader,
                                     absl::string_view principal,
                                     absl::string_view scope) {
  Standing standing;
  RETURN_IF_ERROR(reader.Query(
      "SELECT access_scopes.visibility, access_grants.role FROM access_scopes"
      " LEFT JOIN access_grants ON access_grants.scope = access_scopes.scope"
      " AND access_grants.principal = $2 WHERE access_scopes.scope = $1",
      {scope, principal}, [&](const sql::Row& row) {
        standing.visibility = static_cast<Visibility>(row.Int(0));
        standing.role = static_cast<Role>(row.Int(1));
        return absl::OkStatus();
      }));
  return standing;
}

}  // namespace praxis::access
