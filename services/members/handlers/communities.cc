#include "services/members/handlers/communities.h"

#include <string>
#include <utility>
#include <vector>

#include "services/common/events/log.h"
#include "services/common/rpc/etag.h"
#include "services/common/rpc/fields.h"
#include "services/common/rpc/mask.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/write.h"
#include "services/common/status/status.h"
#include "services/members/convert.h"
#include "services/members/handlers/events.h"
#include "services/members/handlers/person.h"
#include "services/members/store/communities.h"
#include "services/members/store/memberships.h"

namespace praxis::members {

absl::StatusOr<v1::Community> Communities::CreateCommunity(
    const rpc::Call& call, const v1::CreateCommunityRequest& request) {
  ASSIGN_OR_RETURN(const std::string founder, PersonOf(call));
  ASSIGN_OR_RETURN(Community community,
                   FromProto(request.community(), {.id = request.community_id(),
                                                   .create_time = call.time,
                                                   .update_time = call.time}));
  const Membership membership = {.community = community.id,
                                 .member = founder,
                                 .role = Role::kOwner,
                                 .create_time = call.time,
                                 .update_time = call.time};
  return rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Community> {
        RETURN_IF_ERROR(CheckAccountExists(tx, founder));
        RETURN_IF_ERROR(store::InsertCommunity(tx, community));
        RETURN_IF_ERROR(store::InsertMembership(tx, membership));
        v1::Community created = ToProto(community);
        RETURN_IF_ERROR(events::Emit(tx, CommunityCreated(created, call)));
        RETURN_IF_ERROR(
            events::Emit(tx, MembershipCreated(ToProto(membership), call)));
        return created;
      });
}

absl::StatusOr<v1::Community> Communities::GetCommunity(
    const rpc::Call& call, const v1::GetCommunityRequest& request) {
  Community community;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        ASSIGN_OR_RETURN(community, store::GetCommunity(
                                        reader, rpc::IdAt(request.name(), 0)));
        return absl::OkStatus();
      }));
  return ToProto(community);
}

absl::StatusOr<v1::ListCommunitiesResponse> Communities::ListCommunities(
    const rpc::Call& call, const v1::ListCommunitiesRequest& request) {
  ASSIGN_OR_RETURN(const rpc::Page page, rpc::PageOf(call, request));
  std::vector<Community> communities;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
        // One more than the page tells whether another follows.
        ASSIGN_OR_RETURN(communities,
                         store::ListCommunities(reader, PersonOrNobody(call),
                                                page.after, page.size + 1));
        return absl::OkStatus();
      }));

  v1::ListCommunitiesResponse response;
  for (const Community& community : communities) {
    if (response.communities_size() == page.size) {
      const std::string& last = communities[page.size - 1].id;
      response.set_next_page_token(rpc::NextPageToken(call, request, last));
      break;
    }
    *response.add_communities() = ToProto(community);
  }
  return response;
}

// The record as it would be is held against the field rules as a whole, then
// taken over: a patch cannot leave behind what creation would have refused.
absl::StatusOr<v1::Community> Communities::UpdateCommunity(
    const rpc::Call& call, const v1::UpdateCommunityRequest& request) {
  const v1::Community& patch = request.community();
  // True unless it turns out otherwise: what answers a retry is not known.
  bool may_be_hidden = true;
  const absl::StatusOr<v1::Community> changed = rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Community> {
        ASSIGN_OR_RETURN(Community community,
                         store::GetCommunity(tx, rpc::IdAt(patch.name(), 0)));
        RETURN_IF_ERROR(rpc::CheckEtag(patch.etag(), community.version));
        const v1::Community before = ToProto(community);
        v1::Community record = before;
        RETURN_IF_ERROR(rpc::ApplyMask(request.update_mask(), patch, &record));
        ASSIGN_OR_RETURN(community, FromProto(record, std::move(community)));

        community.update_time = call.time;
        ++community.version;
        RETURN_IF_ERROR(store::UpdateCommunity(tx, community));
        v1::Community updated = ToProto(community);
        // Not by this call alone: one that has hidden it may have given up
        // waiting.
        may_be_hidden = before.visibility() != events::v1::PUBLIC ||
                        updated.visibility() != events::v1::PUBLIC;
        RETURN_IF_ERROR(
            events::Emit(tx, CommunityUpdated(before, updated, call)));
        return updated;
      });
  RETURN_IF_ERROR(changed.status());
  if (may_be_hidden) RETURN_IF_ERROR(log_.AwaitApplied(rpc::LimitOf(call)));
  return changed;
}

}  // namespace praxis::members
