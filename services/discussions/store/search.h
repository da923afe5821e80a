// What search knows of threads and posts.
#ifndef SERVICES_DISCUSSIONS_STORE_SEARCH_H_
#define SERVICES_DISCUSSIONS_STORE_SEARCH_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/common/search/index.h"
#include "services/common/sql/database.h"
#include "services/discussions/domain/post.h"
#include "services/discussions/domain/thread.h"

namespace praxis::discussions::store {

// Adds a new text to the index.
absl::Status IndexThread(sql::Tx& tx, const Thread& thread);
absl::Status IndexPost(sql::Tx& tx, const Post& post);

// Puts what `post` now says in the place of `old_body`.
absl::Status ReindexPost(sql::Tx& tx, const Post& post,
                         absl::string_view old_body);

// The post that was found; without an id when it was the thread itself.
PostKey KeyOf(const search::Hit& hit);

}  // namespace praxis::discussions::store

#endif  // SERVICES_DISCUSSIONS_STORE_SEARCH_H_
