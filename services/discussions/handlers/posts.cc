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
  ThreadCache::Change change(cache_, ThreadKeyOf(request.parent()));
  const absl::StatusOr<v1::Post> post = rpc::Write(
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
        RETURN_IF_ERROR(change.Note(tx));
        return created;
      });
  change.Announce(db_);
  return post;
}

absl::StatusOr<v1::Post> Posts::GetPost(const rpc::Call& call,
                                        const v1::GetPostRequest& request) {
  v1::Post response;
  RETURN_IF_ERROR(
      rpc::Read(call, db_, [&](sql::Reader& reader) -> absl::Status {
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
  const ThreadKey thread = ThreadKeyOf(request.parent());
  const auto read =
      [&](sql::Reader& reader) -> absl::StatusOr<v1::ListPostsResponse> {
    ASSIGN_OR_RETURN(sql::Slice<Post> posts,
                     store::ListPosts(reader, thread, page.after, page.size));
    v1::ListPostsResponse response;
    // The token of whoever asks comes in its place.
    if (posts.more) response.set_next_page_token(posts.items.back().key.id);
    for (Post& post : posts.items) {
      *response.add_posts() = ToProto(std::move(post));
    }
    return response;
  };
  ASSIGN_OR_RETURN(v1::ListPostsResponse response,
                   cache_.ListPosts(call, db_, thread, page, read));
  if (!response.next_page_token().empty()) {
    response.set_next_page_token(
        rpc::NextPageToken(call, request, response.next_page_token()));
  }
  return response;
}

absl::StatusOr<v1::Post> Posts::UpdatePost(
    const rpc::Call& call, const v1::UpdatePostRequest& request) {
  const PostKey key = PostKeyOf(request.post().name());
  ThreadCache::Change change(cache_, key.thread);
  const absl::StatusOr<v1::Post> edited = rpc::Write(
      call, db_, request.request_id(),
      [&](sql::Tx& tx) -> absl::StatusOr<v1::Post> {
        ASSIGN_OR_RETURN(Post post, store::GetPost(tx, key));
        RETURN_IF_ERROR(MayEdit(post, ActorOf(call)));
        RETURN_IF_ERROR(rpc::CheckEtag(request.post().etag(), post.version));
        v1::Post merged = ToProto(post);
        RETURN_IF_ERROR(
            rpc::ApplyMask(request.update_mask(), request.post(), &merged));

        // The index must be told what it is to forget.
        const std::string old_body = post.body;
        Edit(post, merged.body(), call.time);
        RETURN_IF_ERROR(store::UpdatePost(tx, post));
        RETURN_IF_ERROR(store::CountChange(tx, key.thread));
        RETURN_IF_ERROR(store::ReindexPost(tx, post, old_body));

        v1::Post updated = ToProto(std::move(post));
        RETURN_IF_ERROR(events::Emit(tx, PostUpdated(updated, call)));
        RETURN_IF_ERROR(change.Note(tx));
        return updated;
      });
  change.Announce(db_);
  return edited;
}

}  // namespace praxis::discussions
