// Who acts, as the rules of this service see them.
#ifndef SERVICES_DISCUSSIONS_DOMAIN_ACTOR_H_
#define SERVICES_DISCUSSIONS_DOMAIN_ACTOR_H_

#include <string>

namespace praxis::discussions {

// A member who acts in one community. That they may write there at all was
// decided before any rule is asked.
struct Actor {
  // "members/{member}"
  std::string name;
  // Moderator or owner of the community.
  bool moderates = false;
};

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_DOMAIN_ACTOR_H_
