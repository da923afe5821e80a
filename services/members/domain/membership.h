// Memberships: who belongs to a community, and who may change that.
#ifndef SERVICES_MEMBERS_DOMAIN_MEMBERSHIP_H_
#define SERVICES_MEMBERS_DOMAIN_MEMBERSHIP_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/members/domain/community.h"
#include "services/members/domain/role.h"

namespace praxis::members {

// One person's place in one community. A person has at most one in each, and
// each community has at least one that is an owner's: it begins with its
// founder's, and no rule below lets the last one go.
struct Membership {
  // Ids.
  std::string community;
  std::string member;
  // Never kNone.
  Role role = Role::kMember;
  // When the person joined.
  absl::Time create_time;
  absl::Time update_time;
  // 1, 2, 3 ...
  int64_t version = 1;
};

// Whether someone who may see a community joins it by themselves. JOIN_CLOSED
// unless it is open.
absl::Status MayJoin(JoinPolicy policy);

// Whether someone who holds `actor` may give `target` the role `role`.
// ROLE_INSUFFICIENT for all but owners, so nobody grants above their own role;
// LAST_OWNER when the community, which has `owners` of them, would lose its
// last.
absl::Status MayChangeRole(Role actor, const Membership& target, Role role,
                           int owners);

// Whether someone who holds `actor` may remove others at all, whoever they are:
// asked before it is known whether the other one is there.
absl::Status MayRemoveOthers(Role actor);

// Whether `actor` may end the membership `target`: their own, or as moderators
// that of members and observers, as owners anyone's. ROLE_INSUFFICIENT;
// LAST_OWNER.
absl::Status MayRemove(const Membership& actor, const Membership& target,
                       int owners);

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_DOMAIN_MEMBERSHIP_H_
