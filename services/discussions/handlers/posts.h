// The RPCs of PostService.
#ifndef SERVICES_DISCUSSIONS_HANDLERS_POSTS_H_
#define SERVICES_DISCUSSIONS_HANDLERS_POSTS_H_

#include "absl/status/statusor.h"
#include "praxis/discussions/v1/posts.pb.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"
#include "services/discussions/handlers/thread_cache.h"

namespace praxis::discussions {

// Posts: written, read and edited. Thread-safe.
class Posts {
 public:
  // Both must outlive this.
  Posts(sql::Database& db, ThreadCache& cache) : db_(db), cache_(cache) {}

  // Replies in a thread, a resolved one too: how it went is told afterwards.
  // Counts in the thread. RESOURCE_NOT_FOUND.
  absl::StatusOr<v1::Post> CreatePost(const rpc::Call& call,
                                      const v1::CreatePostRequest& request);

  // One point read. RESOURCE_NOT_FOUND.
  absl::StatusOr<v1::Post> GetPost(const rpc::Call& call,
                                   const v1::GetPostRequest& request);

  // The oldest first, so that the last page grows. RESOURCE_NOT_FOUND when
  // there is no such thread.
  absl::StatusOr<v1::ListPostsResponse> ListPosts(
      const rpc::Call& call, const v1::ListPostsRequest& request);

  // Changes the body. RESOURCE_NOT_FOUND, NOT_AUTHOR, ETAG_MISMATCH,
  // MASK_INVALID, FIELD_INVALID.
  absl::StatusOr<v1::Post> UpdatePost(const rpc::Call& call,
                                      const v1::UpdatePostRequest& request);

 private:
  sql::Database& db_;
  ThreadCache& cache_;
};

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_HANDLERS_POSTS_H_
