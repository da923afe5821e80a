#include "services/members/handlers/events.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "services/common/rpc/fields.h"

namespace praxis::members {
namespace {

using events::v1::Event;

// What every event says.
template <typename Resource>
Event EventOf(absl::string_view type, const Resource& resource,
              const rpc::Call& call) {
  Event event;
  event.set_type(std::string(type));
  event.set_name(resource.name());
  event.set_actor(call.caller.name);
  *event.mutable_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
          absl::ToUnixMicros(call.time));
  event.set_trace_id(call.trace_id);
  event.mutable_data()->PackFrom(resource);
  return event;
}

Event MemberEvent(absl::string_view type, const v1::Member& member,
                  const rpc::Call& call) {
  v1::Member shown = member;
  shown.clear_email();
  return EventOf(type, shown, call);
}

Event CommunityEvent(absl::string_view type, const v1::Community& community,
                     bool visibility_changed, const rpc::Call& call) {
  Event event = EventOf(type, community, call);
  if (visibility_changed) {
    event.mutable_access()->set_scope(community.name());
    event.mutable_access()->set_visibility(community.visibility());
  }
  return event;
}

Event MembershipEvent(absl::string_view type, const v1::Membership& membership,
                      events::v1::Role granted, const rpc::Call& call) {
  Event event = EventOf(type, membership, call);
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
