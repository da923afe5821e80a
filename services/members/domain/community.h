// Communities of practice.
#ifndef SERVICES_MEMBERS_DOMAIN_COMMUNITY_H_
#define SERVICES_MEMBERS_DOMAIN_COMMUNITY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace praxis::members {

// How far a community can be seen. Numbers as in praxis.events.v1.Visibility.
enum class Visibility {
  // Anyone reads.
  kPublic = 1,
  // Anyone sees the name, members read.
  kPrivate = 2,
  // Others cannot tell that it exists.
  kHidden = 3,
};

// How a community is joined. Numbers as in praxis.members.v1.JoinPolicy.
enum class JoinPolicy {
  // Whoever may see it joins.
  kOpen = 1,
  // Asks; a moderator accepts.
  kRequest = 2,
  // Only who was invited.
  kInvite = 3,
};

// A community of practice: people who share a concern. Who they are is in their
// memberships, not here.
struct Community {
  // A slug chosen at creation; never changes.
  std::string id;
  std::string display_name;
  // The concern its members share.
  std::string domain;
  std::vector<std::string> topics;
  Visibility visibility = Visibility::kPrivate;
  JoinPolicy join_policy = JoinPolicy::kRequest;
  absl::Time create_time;
  absl::Time update_time;
  // 1, 2, 3 ...
  int64_t version = 1;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_DOMAIN_COMMUNITY_H_
