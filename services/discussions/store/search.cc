#include "services/discussions/store/search.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/common/status/status.h"
#include "services/discussions/store/threads.h"

namespace praxis::discussions::store {
namespace {

constexpr absl::string_view kScopePrefix = "communities/";

std::string ScopeOf(const ThreadKey& key) {
  return absl::StrCat(kScopePrefix, key.community);
}

// Its own id first, which sorts by time; the view search_texts takes it apart
// again.
std::string ObjectOf(const PostKey& key) {
  return absl::StrCat(key.id, "/", key.thread.id);
}

// Without an id when it was the thread itself.
PostKey KeyOf(const search::Hit& hit) {
  const std::pair<std::string, std::string> ids =
      absl::StrSplit(hit.object, '/');
  const bool is_post = !ids.second.empty();
  return {{std::string(absl::StripPrefix(hit.scope, kScopePrefix)),
           is_post ? ids.second : ids.first},
          is_post ? ids.first : ""};
}

}  // namespace

absl::Status IndexThread(sql::Tx& tx, const Thread& thread) {
  return search::Add(tx, {.scope = ScopeOf(thread.key),
                          .object = thread.key.id,
                          .title = thread.title,
                          .body = thread.body});
}

absl::Status IndexPost(sql::Tx& tx, const Post& post) {
  return search::Add(tx, {.scope = ScopeOf(post.key.thread),
                          .object = ObjectOf(post.key),
                          .body = post.body});
}

absl::Status ReindexPost(sql::Tx& tx, const Post& post,
                         absl::string_view old_body) {
  const std::string scope = ScopeOf(post.key.thread);
  const std::string object = ObjectOf(post.key);
  return search::Replace(tx,
                         {.scope = scope, .object = object, .body = old_body},
                         {.scope = scope, .object = object, .body = post.body});
}

absl::StatusOr<sql::Slice<SearchHit>> Search(sql::Reader& reader,
                                             const sql::TextQuery& query,
                                             const search::Where& where,
                                             absl::string_view after,
                                             int size) {
  ASSIGN_OR_RETURN(sql::Slice<search::Hit> found,
                   search::Find(reader, query, where, after, size));
  sql::Slice<SearchHit> hits;
  for (search::Hit& hit : found.items) {
    const PostKey key = KeyOf(hit);
    ASSIGN_OR_RETURN(Thread thread, GetThread(reader, key.thread));
    const size_t bytes = thread.body.size();
    hits.Add({.thread = std::move(thread),
              .post = key.id,
              .snippet = std::move(hit.snippet),
              .place = std::move(hit.place)},
             bytes, size);
    if (hits.more) return hits;
  }
  hits.more = found.more;
  return hits;
}

}  // namespace praxis::discussions::store
