// MembershipService: who belongs to a community.
#ifndef SERVICES_MEMBERS_HANDLERS_MEMBERSHIPS_H_
#define SERVICES_MEMBERS_HANDLERS_MEMBERSHIPS_H_

#include "absl/status/statusor.h"
#include "praxis/members/v1/memberships.pb.h"
#include "services/common/events/log.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"

namespace praxis::members {

// The methods of MembershipService, as memberships.proto describes them. What
// a caller may do is judged by the role they hold in the write's transaction,
// not only by the one they held when the call came in. What takes access away
// answers when nobody goes by what was before. Thread-safe.
class Memberships {
 public:
  // Both must outlive this; `log` is over `db`.
  Memberships(sql::Database& db, events::Log& log) : db_(db), log_(log) {}

  // The caller joins as a member, or is one already, whatever the join policy
  // is by now; then nothing changes and nothing is announced. JOIN_CLOSED.
  absl::StatusOr<v1::Membership> CreateMembership(
      const rpc::Call& call, const v1::CreateMembershipRequest& request);

  // RESOURCE_NOT_FOUND for who is no member.
  absl::StatusOr<v1::Membership> GetMembership(
      const rpc::Call& call, const v1::GetMembershipRequest& request);

  // Owners first, then by role and time of joining.
  absl::StatusOr<v1::ListMembershipsResponse> ListMemberships(
      const rpc::Call& call, const v1::ListMembershipsRequest& request);

  // Changes a role, if it is another. LAST_OWNER, ETAG_MISMATCH.
  absl::StatusOr<v1::Membership> UpdateMembership(
      const rpc::Call& call, const v1::UpdateMembershipRequest& request);

  // Leaves or removes. LAST_OWNER, ROLE_INSUFFICIENT.
  absl::StatusOr<v1::DeleteMembershipResponse> DeleteMembership(
      const rpc::Call& call, const v1::DeleteMembershipRequest& request);

 private:
  sql::Database& db_;
  events::Log& log_;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_HANDLERS_MEMBERSHIPS_H_
