#include "services/members/domain/membership.h"

#include "services/common/status/status.h"

namespace praxis::members {
namespace {

// `role` is what the target holds afterwards.
absl::Status KeepsAnOwner(const Membership& target, Role role, int owners) {
  if (target.role != Role::kOwner || role == Role::kOwner || owners > 1) {
    return absl::OkStatus();
  }
  return Error(Reason::LAST_OWNER,
               "A community keeps at least one owner; make another one first.");
}

}  // namespace

absl::Status MayJoin(JoinPolicy policy) {
  switch (policy) {
    case JoinPolicy::kOpen:
      return absl::OkStatus();
    case JoinPolicy::kRequest:
      return Error(Reason::JOIN_CLOSED,
                   "This community is joined by request; ask its moderators.");
    case JoinPolicy::kInvite:
      break;
  }
  return Error(Reason::JOIN_CLOSED,
               "This community is joined by invitation only.");
}

absl::Status MayChangeRole(Role actor, const Membership& target, Role role,
                           int owners) {
  if (actor != Role::kOwner) {
    return Error(Reason::ROLE_INSUFFICIENT, "Only owners change roles.");
  }
  return KeepsAnOwner(target, role, owners);
}

absl::Status MayRemoveOthers(Role actor) {
  if (actor >= Role::kModerator) return absl::OkStatus();
  return Error(Reason::ROLE_INSUFFICIENT,
               "Only moderators and owners remove others.");
}

absl::Status MayRemove(const Membership& actor, const Membership& target,
                       int owners) {
  if (actor.member != target.member) {
    RETURN_IF_ERROR(MayRemoveOthers(actor.role));
    if (actor.role != Role::kOwner && target.role >= Role::kModerator) {
      return Error(Reason::ROLE_INSUFFICIENT,
                   "Moderators remove members and observers only.");
    }
  }
  return KeepsAnOwner(target, Role::kNone, owners);
}

}  // namespace praxis::members
