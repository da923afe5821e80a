// Posts: the replies of a thread.
#ifndef SERVICES_DISCUSSIONS_DOMAIN_POST_H_
#define SERVICES_DISCUSSIONS_DOMAIN_POST_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/discussions/domain/actor.h"
#include "services/discussions/domain/thread.h"

namespace praxis::discussions {

// Where a post lives: "{thread}/posts/{id}".
struct PostKey {
  ThreadKey thread;
  std::string id;
};

// One reply.
struct Post {
  PostKey key;
  std::string body;
  // "members/{member}"
  std::string author;
  absl::Time create_time;
  absl::Time update_time;
  // 1, 2, 3 ...
  int64_t version = 1;
};

// What a post says is its author's alone, a moderator's no more than anyone's:
// NOT_AUTHOR for everybody else.
absl::Status MayEdit(const Post& post, const Actor& actor);

// Changes what `post` says.
void Edit(Post& post, std::string body, absl::Time now);

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_DOMAIN_POST_H_
