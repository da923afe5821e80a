#include "services/members/store/access.h"

#include "absl/strings/strip.h"
#include "services/common/status/status.h"

namespace praxis::members::store {

absl::StatusOr<access::Standing> StoredAccess::StandingOf(
    absl::string_view principal, absl::string_view scope) {
  access::Standing standing;
  if (!absl::ConsumePrefix(&scope, "communities/")) return standing;
  // Services are no members: theirs is nobody's id.
  if (!absl::ConsumePrefix(&principal, "members/")) principal = "";
  // rank 0 is OWNER = 4 in memberships; no row, no role.
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) {
    return reader.Query(
        "SELECT communities.visibility, COALESCE(4 - memberships.rank, 0) "
        "FROM communities LEFT JOIN memberships "
        "ON memberships.community_id = communities.id "
        "AND memberships.member_id = $2 WHERE communities.id = $1",
        {scope, principal}, [&](const sql::Row& row) {
          standing.visibility = static_cast<access::Visibility>(row.Int(0));
          standing.role = static_cast<access::Role>(row.Int(1));
          return absl::OkStatus();
        });
  }));
  return standing;
}

}  // namespace praxis::members::store
