// The table posts.
#ifndef SERVICES_DISCUSSIONS_STORE_POSTS_H_
#define SERVICES_DISCUSSIONS_STORE_POSTS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"
#include "services/common/sql/slice.h"
#include "services/discussions/domain/post.h"

namespace praxis::discussions::store {

// RESOURCE_NOT_FOUND.
absl::StatusOr<Post> GetPost(sql::Reader& reader, const PostKey& key);

// A page of at most `size` posts of a thread, oldest first: those after the
// post with the id `after`, or from the first when it is empty.
// RESOURCE_NOT_FOUND when there is no such thread.
absl::StatusOr<sql::Slice<Post>> ListPosts(sql::Reader& reader,
                                           const ThreadKey& thread,
                                           absl::string_view after, int size);

// The thread must be there: see CountPost.
absl::Status InsertPost(sql::Tx& tx, const Post& post);

// Stores what an edit has changed.
absl::Status UpdatePost(sql::Tx& tx, const Post& post);

}  // namespace praxis::discussions::store

#endif  // SERVICES_DISCUSSIONS_STORE_POSTS_H_
