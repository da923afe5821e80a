// The RPCs of PostService.
#ifndef SERVICES_DISCUSSIONS_HANDLERS_POSTS_H_
#define SERVICES_DISCUSSIONS_HANDLERS_POSTS_H_

#include "absl/status/statusor.h"
#include "praxis/discussions/v1/posts.pb.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"

namespace praxis::discussions {

// Posts: written, read and edited. Thread-safe.
class Posts {
 public:
  // `db` must outlive this.
  explicit Posts(sql::Database& db) : db_(db) {}

  absl::StatusOr<v1::Post> CreatePost(const rpc::Call& call,
                                      const v1::CreatePostRequest& request);

  absl::StatusOr<v1::Post> GetPost(const rpc::Call& call,
                                   const v1::GetPostRequest& request);

  absl::StatusOr<v1::ListPostsResponse> ListPosts(
      const rpc::Call& call, const v1::ListPostsRequest& request);

  absl::StatusOr<v1::Post> UpdatePost(const rpc::Call& call,
                                      const v1::UpdatePostRequest& request);

 private:
  sql::Database& db_;
};

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_HANDLERS_POSTS_H_
