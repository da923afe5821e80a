// Who acts, as the rules of this service see them.
#ifndef SERVICES_RESOURCES_DOMAIN_ACTOR_H_
#define SERVICES_RESOURCES_DOMAIN_ACTOR_H_

#include <string>

namespace praxis::resources {

// A member who acts in one community, where they may write.
struct Actor {
  // "members/{member}"
  std::string name;
  // Moderator or owner of the community.
  bool moderates = false;
};

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_DOMAIN_ACTOR_H_
