#include "services/discussions/store/posts.h"

#include <string>
#include <utility>

#include "services/common/status/status.h"

namespace praxis::discussions::store {
namespace {

// Of a post whose key is known.
Post PostFrom(const sql::Row& row, PostKey key) {
  return Post{.key = std::move(key),
              .body = row.String(4),
              .author = row.String(0),
              .create_time = row.Time(1),
              .update_time = row.Time(2),
              .version = row.Int(3)};
}

absl::Status CheckThreadExists(sql::Reader& reader, const ThreadKey& key) {
  return reader
      .One("SELECT 1 FROM threads WHERE community_id = $1 AND id = $2",
           {key.community, key.id}, "There is no such thread.",
           [](const sql::Row&) { return true; })
      .status();
}

}  // namespace

absl::StatusOr<Post> GetPost(sql::Reader& reader, const PostKey& key) {
  return reader.One(
      "SELECT author, create_time, update_time, version, body FROM posts "
      "WHERE community_id = $1 AND thread_id = $2 AND id = $3",
      {key.thread.community, key.thread.id, key.id}, "There is no such post.",
      [&](const sql::Row& row) { return PostFrom(row, key); });
}

absl::StatusOr<sql::Slice<Post>> ListPosts(sql::Reader& reader,
                                           const ThreadKey& thread,
                                           absl::string_view after, int size) {
  sql::Slice<Post> posts;
  posts.items.reserve(size);
  RETURN_IF_ERROR(reader.Query(
      "SELECT author, create_time, update_time, version, body, id FROM posts "
      "WHERE community_id = $1 AND thread_id = $2 AND id > $3 "
      "ORDER BY id LIMIT $4",
      {thread.community, thread.id, after, size + 1}, [&](const sql::Row& row) {
        posts.Add(PostFrom(row, {thread, row.String(5)}), row.Text(4).size(),
                  size);
        return absl::OkStatus();
      }));
  // A thread that has posts is there.
  if (posts.items.empty()) RETURN_IF_ERROR(CheckThreadExists(reader, thread));
  return posts;
}

absl::Status InsertPost(sql::Tx& tx, const Post& post) {
  return tx
      .Execute(
          "INSERT INTO posts (community_id, thread_id, id, author, "
          "create_time, update_time, version, body) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
          {post.key.thread.community, post.key.thread.id, post.key.id,
           post.author, post.create_time, post.update_time, post.version,
           post.body})
      .status();
}

absl::Status UpdatePost(sql::Tx& tx, const Post& post) {
  return tx
      .Execute(
          "UPDATE posts SET update_time = $4, version = $5, body = $6 "
          "WHERE community_id = $1 AND thread_id = $2 AND id = $3",
          {post.key.thread.community, post.key.thread.id, post.key.id,
           post.update_time, post.version, post.body})
      .status();
}

}  // namespace praxis::discussions::store
