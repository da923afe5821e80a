// What search knows of threads and posts.
#ifndef SERVICES_DISCUSSIONS_STORE_SEARCH_H_
#define SERVICES_DISCUSSIONS_STORE_SEARCH_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/search/index.h"
#include "services/common/sql/database.h"
#include "services/common/sql/slice.h"
#include "services/common/sql/text_query.h"
#include "services/discussions/domain/post.h"
#include "services/discussions/domain/thread.h"

namespace praxis::discussions::store {

// Adds a new text to the index.
absl::Status IndexThread(sql::Tx& tx, const Thread& thread);
absl::Status IndexPost(sql::Tx& tx, const Post& post);

// Puts what `post` now says in the place of `old_body`.
absl::Status ReindexPost(sql::Tx& tx, const Post& post,
                         absl::string_view old_body);

// One text that was found.
struct SearchHit {
  // The thread, or the one the post is in.
  Thread thread;
  // The post's id; empty when the thread itself was found.
  std::string post;
  // The words around the match, one line.
  std::string snippet;
  // Where it stands in the order: a search goes on after it.
  std::string place;
};

// A page of search::Find, and whatever that promises, with the threads.
absl::StatusOr<sql::Slice<SearchHit>> Search(sql::Reader& reader,
                                             const sql::TextQuery& query,
                                             const search::Where& where,
                                             absl::string_view after, int size);

}  // namespace praxis::discussions::store

#endif  // SERVICES_DISCUSSIONS_STORE_SEARCH_H_
