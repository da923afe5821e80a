#include "services/members/handlers/events.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/common/rpc/event.h"
#include "services/common/rpc/fields.h"

namespace praxis::members {
namespace {

using events::v1::Event;

Event MemberEvent(absl::string_view type, const v1::Member& member,
                  const rpc::Call& call) {
  v1::Member shown = member;
  shown.clear_email();
  return rpc::EventOf(type, shown, call);
}

Event CommunityEvent(absl::string_view type, const v1::Community& community,
                     bool visibility_changed, const rpc::Call& call) {
  Event event = rpc::EventOf(type, community, call);
  if (visibility_changed) {
    event.mutable_access()->set_scope(community.name());
    event.mutable_access()->set_visibility(community.visibility());
  }
  return event;
}

Event MembershipEvent(absl::string_view type, const v1::Membership& membership,
                      events::v1::Role granted, const rpc::Call& call) {
  Event event = rpc::EventOf(type, membership, call);
  events::v1::AccessChange& access = *event.mutable_access();
  access.set_scope(
      absl::StrCat("communities/", rpc::IdAt(membership.name(), 0)));
  access.mutable_grant()->set_principal(membership.member());
  access.mutable_grant()->set_role(granted);
  return event;
}

}  // namespace

Event MemberRegistered(const v1::Member& member, const rpc::Call& call) {
  Event event = MemberEvent("member.registered", member, call);
  event.set_actor(member.name());
  return event;
}

Event MemberUpdated(const v1::Member& member, const rpc::Call& call) {
  return MemberEvent("member.updated", member, call);
}

Event CommunityCreated(const v1::Community& community, const rpc::Call& call) {
  return CommunityEvent("community.created", community,
                        /*visibility_changed=*/true, call);
}

Event CommunityUpdated(const v1::Community& before,
                       const v1::Community& community, const rpc::Call& call) {
  return CommunityEvent("community.updated", community,
                        before.visibility() != community.visibility(), call);
}

Event MembershipCreated(const v1::Membership& membership,
                        const rpc::Call& call) {
  return MembershipEvent("membership.created", membership, membership.role(),
                         call);
}

Event MembershipRoleChanged(const v1::Membership& membership,
                            const rpc::Call& call) {
  return MembershipEvent("membership.role_changed", membership,
                         membership.role(), call);
}

Event MembershipDeleted(const v1::Membership& membership,
                        const rpc::Call& call) {
  return MembershipEvent("membership.deleted", membership,
                         events::v1::ROLE_UNSPECIFIED, call);
}

}  // namespace praxis::members
