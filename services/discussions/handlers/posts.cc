#include "services/discussions/handlers/posts.h"

#include <string>
#include <utility>

#include "services/common/events/log.h"
#include "services/common/rpc/etag.h"
#include "services/common/rpc/id.h"
#include "services/common/rpc/mask.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/write.h"
#include "services/common/status/status.h"
#include "services/discussions/convert.h"
#include "services/discussions/domain/post.h"
#include "services/discussions/handlers/events.h"
#include "services/discussions/store/posts.h"
#include "services/discussions/store/search.h"
#include "services/discussions/store/threads.h"

namespace praxis::discussions {

absl::StatusOr<v1::Post> Posts::CreatePost(
    const rpc::Call& call, const v1::CreatePostRequest& request) {
  return rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Post> {
        Post post;
        // Made while writing: ids follow the order of the commits.
        post.key = {ThreadKeyOf(request.parent()), rpc::NewId(call.time)};
        post.body = request.post().body();
        post.author = call.caller.name;
        post.create_time = post.update_time = call.time;
        // Says that there is no such thread.
        RETURN_IF_ERROR(store::CountPost(tx, post.key.thread));
        RETURN_IF_ERROR(store::InsertPost(tx, post));
        RETURN_IF_ERROR(store::IndexPost(tx, post));

        v1::Post created = ToProto(std::move(post));
        RETURN_IF_ERROR(events::Emit(tx, PostCreated(created, call)));
        return created;
      });
}

absl::StatusOr<v1::Post> Posts::GetPost(const rpc::Call&,
                                        const v1::GetPostRequest& request) {
  v1::Post response;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(Post post,
                     store::GetPost(reader, PostKeyOf(request.name())));
    response = ToProto(std::move(post));
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<v1::ListPostsResponse> Posts::ListPosts(
    const rpc::Call& call, const v1::ListPostsRequest& request) {
  ASSIGN_OR_RETURN(const rpc::Page page, rpc::PageOf(call, request));
  sql::Slice<Post> posts;
  RETURN_IF_ERROR(db_.Read([&](sql::Reader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(posts,
                     store::ListPosts(reader, ThreadKeyOf(request.parent()),
                                      page.after, page.size));
    return absl::OkStatus();
  }));

  v1::ListPostsResponse response;
  if (posts.more) {
    response.set_next_page_token(
        rpc::NextPageToken(call, request, posts.items.back().key.id));
  }
  for (Post& post : posts.items) {
    *response.add_posts() = ToProto(std::move(post));
  }
  return response;
}

absl::StatusOr<v1::Post> Posts::UpdatePost(
    const rpc::Call& call, const v1::UpdatePostRequest& request) {
  return rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Post> {
        ASSIGN_OR_RETURN(Post post,
                         store::GetPost(tx, PostKeyOf(request.post().name())));
        RETURN_IF_ERROR(MayEdit(post, ActorOf(call)));
        RETURN_IF_ERROR(rpc::CheckEtag(request.post().etag(), post.version));
        v1::Post merged = ToProto(post);
        RETURN_IF_ERROR(
            rpc::ApplyMask(request.update_mask(), request.post(), &merged));

        // The index must be told what it is to forget.
        const std::string old_body = post.body;
        Edit(post, merged.body(), call.time);
        RETURN_IF_ERROR(store::UpdatePost(tx, post));
        RETURN_IF_ERROR(store::ReindexPost(tx, post, old_body));

        v1::Post updated = ToProto(std::move(post));
        RETURN_IF_ERROR(events::Emit(tx, PostUpdated(updated, call)));
        return updated;
      });
}

}  // namespace praxis::discussions
