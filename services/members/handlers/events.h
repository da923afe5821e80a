// The events of this service, as events.proto describes them.
#ifndef SERVICES_MEMBERS_HANDLERS_EVENTS_H_
#define SERVICES_MEMBERS_HANDLERS_EVENTS_H_

#include "praxis/events/v1/events.pb.h"
#include "praxis/members/v1/communities.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/memberships.pb.h"
#include "services/common/rpc/call.h"

namespace praxis::members {

// `data` is the member without the email, which only the member reads. Who
// registers has no token yet: the actor is the new member.
events::v1::Event MemberRegistered(const v1::Member& member,
                                   const rpc::Call& call);
events::v1::Event MemberUpdated(const v1::Member& member,
                                const rpc::Call& call);

// `access` makes the scope known with its visibility.
events::v1::Event CommunityCreated(const v1::Community& community,
                                   const rpc::Call& call);

// `access` is set when the visibility differs from that of `before`.
events::v1::Event CommunityUpdated(const v1::Community& before,
                                   const v1::Community& community,
                                   const rpc::Call& call);

// `access` grants the member's role.
events::v1::Event MembershipCreated(const v1::Membership& membership,
                                    const rpc::Call& call);
events::v1::Event MembershipRoleChanged(const v1::Membership& membership,
                                        const rpc::Call& call);

// `data` is the membership as it was; `access` takes its role back.
events::v1::Event MembershipDeleted(const v1::Membership& membership,
                                    const rpc::Call& call);

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_HANDLERS_EVENTS_H_
