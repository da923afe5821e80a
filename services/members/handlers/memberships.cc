#include "services/members/handlers/memberships.h"

#include <optional>
#include <string>
#include <vector>

#include "services/common/events/log.h"
#include "services/common/rpc/etag.h"
#include "services/common/rpc/fields.h"
#include "services/common/rpc/mask.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/write.h"
#include "services/common/status/status.h"
#include "services/members/convert.h"
#include "services/members/domain/membership.h"
#include "services/members/handlers/events.h"
#include "services/members/handlers/person.h"
#include "services/members/store/communities.h"
#include "services/members/store/memberships.h"

namespace praxis::members {
namespace {

// The caller's own membership, which stays as it is until the transaction has
// ended. Who has none any more lost it after the call was let in, and is
// refused like one who came later.
absl::StatusOr<Membership> GetActor(sql::Tx& tx, absl::string_view community,
                                    absl::string_view person) {
  ASSIGN_OR_RETURN(std::optional<Membership> actor,
                   store::LockMembership(tx, community, person));
  if (actor.has_value()) return *std::move(actor);
  return Error(Reason::ROLE_INSUFFICIENT,
               "You are not a member of this community any more.");
}

}  // namespace

absl::StatusOr<v1::Membership> Memberships::CreateMembership(
    const rpc::Call& call, const v1::CreateMembershipRequest& request) {
  ASSIGN_OR_RETURN(const std::string person, PersonOf(call));
  const Membership membership = {
      .community = std::string(rpc::IdAt(request.parent(), 0)),
      .member = person,
      .role = Role::kMember,
      .create_time = call.time,
      .update_time = call.time};
  return rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Membership> {
        ASSIGN_OR_RETURN(
            const std::optional<Membership> present,
            store::FindMembership(tx, membership.community, person));
        // Before the join policy: who is in does not ask to be let in.
        if (present.has_value()) return ToProto(*present);
        ASSIGN_OR_RETURN(const Community community,
                         store::GetCommunity(tx, membership.community));
        RETURN_IF_ERROR(MayJoin(community.join_policy));
        RETURN_IF_ERROR(CheckAccountExists(tx, person));

        RETURN_IF_ERROR(store::InsertMembership(tx, membership));
        v1::Membership joined = ToProto(membership);
        RETURN_IF_ERROR(events::Emit(tx, MembershipCreated(joined, call)));
        return joined;
      });
}

// Who may read the community may know who belongs to it.
absl::StatusOr<v1::Membership> Memberships::GetMembership(
    const rpc::Call& call, const v1::GetMembershipRequest& request) {
  ASSIGN_OR_RETURN(const std::string member,
                   ResolveMember(call, rpc::IdAt(request.name(), 1)));
  Membership membership;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(
            membership,
            store::GetMembership(reader, rpc::IdAt(request.name(), 0), member));
        return absl::OkStatus();
      }));
  return ToProto(membership);
}

absl::StatusOr<v1::ListMembershipsResponse> Memberships::ListMemberships(
    const rpc::Call& call, const v1::ListMembershipsRequest& request) {
  ASSIGN_OR_RETURN(const rpc::Page page, rpc::PageOf(call, request));
  std::vector<Membership> memberships;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        // One more than the page tells whether another follows.
        ASSIGN_OR_RETURN(
            memberships,
            store::ListMemberships(reader, rpc::IdAt(request.parent(), 0),
                                   page.after, page.size + 1));
        return absl::OkStatus();
      }));

  v1::ListMembershipsResponse response;
  for (const Membership& membership : memberships) {
    if (response.memberships_size() == page.size) {
      const std::string last = store::PlaceOf(memberships[page.size - 1]);
      response.set_next_page_token(rpc::NextPageToken(call, request, last));
      break;
    }
    *response.add_memberships() = ToProto(membership);
  }
  return response;
}

absl::StatusOr<v1::Membership> Memberships::UpdateMembership(
    const rpc::Call& call, const v1::UpdateMembershipRequest& request) {
  const v1::Membership& patch = request.membership();
  const absl::string_view community = rpc::IdAt(patch.name(), 0);
  ASSIGN_OR_RETURN(const std::string person, PersonOf(call));
  ASSIGN_OR_RETURN(const std::string member,
                   ResolveMember(call, rpc::IdAt(patch.name(), 1)));
  const absl::StatusOr<v1::Membership> changed = rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Membership> {
        // Locks the owners first, as everyone does: no two wait for each other.
        ASSIGN_OR_RETURN(const int owners, store::CountOwners(tx, community));
        ASSIGN_OR_RETURN(const Membership actor,
                         GetActor(tx, community, person));
        ASSIGN_OR_RETURN(Membership membership,
                         store::GetMembership(tx, community, member));
        RETURN_IF_ERROR(rpc::CheckEtag(patch.etag(), membership.version));
        v1::Membership record = ToProto(membership);
        RETURN_IF_ERROR(rpc::ApplyMask(request.update_mask(), patch, &record));
        ASSIGN_OR_RETURN(const Role role, FromProto(record.role()));
        RETURN_IF_ERROR(MayChangeRole(actor.role, membership, role, owners));
        // Nothing changed, so there is nothing to announce.
        if (role == membership.role) return ToProto(membership);

        membership.role = role;
        membership.update_time = call.time;
        ++membership.version;
        RETURN_IF_ERROR(store::UpdateMembership(tx, membership));
        v1::Membership updated = ToProto(membership);
        RETURN_IF_ERROR(events::Emit(tx, MembershipRoleChanged(updated, call)));
        return updated;
      });
  RETURN_IF_ERROR(changed.status());
  RETURN_IF_ERROR(log_.AwaitApplied(rpc::LimitOf(call)));
  return changed;
}

absl::StatusOr<v1::DeleteMembershipResponse> Memberships::DeleteMembership(
    const rpc::Call& call, const v1::DeleteMembershipRequest& request) {
  const absl::string_view community = rpc::IdAt(request.name(), 0);
  ASSIGN_OR_RETURN(const std::string person, PersonOf(call));
  ASSIGN_OR_RETURN(const std::string member,
                   ResolveMember(call, rpc::IdAt(request.name(), 1)));
  RETURN_IF_ERROR(
      rpc::Write(
          call, db_, request.request_id(),
          [&](sql::Tx& tx) -> absl::StatusOr<v1::DeleteMembershipResponse> {
            ASSIGN_OR_RETURN(const int owners,
                             store::CountOwners(tx, community));
            ASSIGN_OR_RETURN(const Membership actor,
                             GetActor(tx, community, person));
            // Before looking for the other one: who may not remove anyone does
            // not learn who is there.
            if (member != person) RETURN_IF_ERROR(MayRemoveOthers(actor.role));
            ASSIGN_OR_RETURN(const Membership membership,
                             store::GetMembership(tx, community, member));
            RETURN_IF_ERROR(MayRemove(actor, membership, owners));
            RETURN_IF_ERROR(rpc::CheckEtag(request.etag(), membership.version));

            RETURN_IF_ERROR(store::DeleteMembership(tx, membership));
            RETURN_IF_ERROR(
                events::Emit(tx, MembershipDeleted(ToProto(membership), call)));
            return v1::DeleteMembershipResponse();
          })
          .status());
  RETURN_IF_ERROR(log_.AwaitApplied(rpc::LimitOf(call)));
  return v1::DeleteMembershipResponse();
}

}  // namespace praxis::members
