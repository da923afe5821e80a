#include "services/discussions/store/search.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace praxis::discussions::store {
namespace {

constexpr absl::string_view kScopePrefix = "communities/";

std::string ScopeOf(const ThreadKey& key) {
  return absl::StrCat(kScopePrefix, key.community);
}

// The view search_texts takes it apart again.
std::string ObjectOf(const PostKey& key) {
  return absl::StrCat(key.thread.id, "/", key.id);
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

PostKey KeyOf(const search::Hit& hit) {
  const size_t thread_end = hit.object.find('/');
  PostKey key;
  key.thread = {std::string(absl::StripPrefix(hit.scope, kScopePrefix)),
                hit.object.substr(0, thread_end)};
  if (thread_end != hit.object.npos) key.id = hit.object.substr(thread_end + 1);
  return key;
}

}  // namespace praxis::discussions::store
