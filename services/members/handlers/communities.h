// CommunityService: communities of practice.
#ifndef SERVICES_MEMBERS_HANDLERS_COMMUNITIES_H_
#define SERVICES_MEMBERS_HANDLERS_COMMUNITIES_H_

#include "absl/status/statusor.h"
#include "praxis/members/v1/communities.pb.h"
#include "services/common/events/log.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"

namespace praxis::members {

// The methods of CommunityService, as communities.proto describes them.
// Thread-safe.
class Communities {
 public:
  // Both must outlive this; `log` is over `db`.
  Communities(sql::Database& db, events::Log& log) : db_(db), log_(log) {}

  // Founds a community with the caller as its owner, in one transaction: there
  // is never one without. NAME_TAKEN, also by one that is hidden.
  absl::StatusOr<v1::Community> CreateCommunity(
      const rpc::Call& call, const v1::CreateCommunityRequest& request);

  // One that the caller may see, which the policy has made sure of.
  absl::StatusOr<v1::Community> GetCommunity(
      const rpc::Call& call, const v1::GetCommunityRequest& request);

  // Those that the caller may see, by id: what GetCommunity answers for each.
  absl::StatusOr<v1::ListCommunitiesResponse> ListCommunities(
      const rpc::Call& call, const v1::ListCommunitiesRequest& request);

  // Changes one; a field that is cleared takes its default. ETAG_MISMATCH,
  // MASK_INVALID.
  absl::StatusOr<v1::Community> UpdateCommunity(
      const rpc::Call& call, const v1::UpdateCommunityRequest& request);

 private:
  sql::Database& db_;
  events::Log& log_;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_HANDLERS_COMMUNITIES_H_
