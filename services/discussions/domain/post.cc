#include "services/discussions/domain/post.h"

#include <utility>

#include "services/common/status/status.h"

namespace praxis::discussions {

absl::Status MayEdit(const Post& post, const Actor& actor) {
  if (actor.name == post.author) return absl::OkStatus();
  return Error(Reason::NOT_AUTHOR, "Only the post's author can change it.");
}

void Edit(Post& post, std::string body, absl::Time now) {
  post.body = std::move(body);
  post.update_time = now;
  ++post.version;
}

}  // namespace praxis::discussions
