// Roles: what a person may do in a community.
#ifndef SERVICES_MEMBERS_DOMAIN_ROLE_H_
#define SERVICES_MEMBERS_DOMAIN_ROLE_H_

namespace praxis::members {

// A higher one includes those below it. The numbers are those of
// praxis.events.v1.Role, and what is stored is made from them.
enum class Role {
  kNone = 0,
  // Reads, does not write.
  kObserver = 1,
  kMember = 2,
  kModerator = 3,
  kOwner = 4,
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_DOMAIN_ROLE_H_
