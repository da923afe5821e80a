// The methods this service serves.
#ifndef SERVICES_MEMBERS_RPC_H_
#define SERVICES_MEMBERS_RPC_H_

#include "services/common/rpc/methods.h"
#include "services/members/handlers/communities.h"
#include "services/members/handlers/members.h"
#include "services/members/handlers/memberships.h"
#include "services/members/handlers/sessions.h"

namespace praxis::members {

// One line an RPC. All must outlive `methods`.
inline void AddMethods(rpc::Methods& methods, Members& members,
                       Sessions& sessions, Communities& communities,
                       Memberships& memberships) {
  methods.Add(&members, &Members::RegisterMember);
  methods.Add(&members, &Members::GetMember);
  methods.Add(&members, &Members::UpdateMember);

  methods.Add(&sessions, &Sessions::CreateSession);
  methods.Add(&sessions, &Sessions::RefreshSession);
  methods.Add(&sessions, &Sessions::ExchangeToken);
  methods.Add(&sessions, &Sessions::GetJwks);

  methods.Add(&communities, &Communities::CreateCommunity);
  methods.Add(&communities, &Communities::GetCommunity);
  methods.Add(&communities, &Communities::ListCommunities);
  methods.Add(&communities, &Communities::UpdateCommunity);

  methods.Add(&memberships, &Memberships::CreateMembership);
  methods.Add(&memberships, &Memberships::GetMembership);
  methods.Add(&memberships, &Memberships::ListMemberships);
  methods.Add(&memberships, &Memberships::UpdateMembership);
  methods.Add(&memberships, &Memberships::DeleteMembership);
}

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_RPC_H_
