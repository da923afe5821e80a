#include "services/discussions/store/threads.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/common/access/readable_scopes.h"
#include "services/common/status/status.h"

namespace praxis::discussions::store {
namespace {

// After every id, in any collation: ids begin with a digit.
constexpr char kAfterAll[] = "z";

// The columns that every query below begins with.
Thread ThreadFrom(const sql::Row& row, ThreadKey key) {
  Thread thread{.key = std::move(key),
                .kind = static_cast<ThreadKind>(row.Int(0)),
                .title = row.String(9),
                .body = row.String(10),
                .author = row.String(1),
                .create_time = row.Time(2),
                .update_time = row.Time(3),
                .post_count = row.Int(5),
                .version = row.Int(4)};
  if (!row.IsNull(6)) {
    thread.resolution = Resolution{.outcome = row.String(8),
                                   .resolver = row.String(7),
                                   .time = row.Time(6)};
  }
  return thread;
}

// The newest of all, each asked whether the principal may read it: two point
// reads a thread, along the index threads_by_id.
absl::StatusOr<sql::Slice<Thread>> ListByAsking(sql::Reader& reader,
                                                absl::string_view principal,
                                                absl::string_view before,
                                                int size) {
  static const std::string& sql = *new std::string(absl::StrCat(
      "SELECT kind, author, create_time, update_time, version, post_count, "
      "resolve_time, resolver, outcome, title, body, community_id, id "
      "FROM threads WHERE id < $1 AND ",
      access::IsReadable("'communities/' || threads.community_id", "$2"),
      " ORDER BY id DESC LIMIT $3"));
  sql::Slice<Thread> threads;
  RETURN_IF_ERROR(reader.Query(
      sql.c_str(), {before, principal, size + 1}, [&](const sql::Row& row) {
        threads.Add(ThreadFrom(row, {row.String(11), row.String(12)}),
                    row.Text(10).size(), size);
        return absl::OkStatus();
      }));
  return threads;
}

// The newest of each of these scopes, put in order; only the page's own are
// read whole.
absl::StatusOr<sql::Slice<Thread>> ListByNaming(
    sql::Reader& reader, const std::vector<std::string>& scopes,
    absl::string_view before, int size) {
  std::vector<ThreadKey> keys;
  for (const absl::string_view scope : scopes) {
    const absl::string_view community =
        absl::StripPrefix(scope, "communities/");
    RETURN_IF_ERROR(reader.Query(
        "SELECT id FROM threads WHERE community_id = $1 AND id < $2 "
        "ORDER BY id DESC LIMIT $3",
        {community, before, size + 1}, [&](const sql::Row& row) {
          keys.push_back({std::string(community), row.String(0)});
          return absl::OkStatus();
        }));
  }
  std::sort(keys.begin(), keys.end(),
            [](const ThreadKey& a, const ThreadKey& b) { return a.id > b.id; });

  sql::Slice<Thread> threads;
  for (const ThreadKey& key : keys) {
    if (threads.more) break;
    ASSIGN_OR_RETURN(Thread thread, GetThread(reader, key));
    const size_t bytes = thread.body.size();
    threads.Add(std::move(thread), bytes, size);
  }
  return threads;
}

}  // namespace

absl::StatusOr<Thread> GetThread(sql::Reader& reader, const ThreadKey& key) {
  return reader.One(
      "SELECT kind, author, create_time, update_time, version, post_count, "
      "resolve_time, resolver, outcome, title, body FROM threads "
      "WHERE community_id = $1 AND id = $2",
      {key.community, key.id}, "There is no such thread.",
      [&](const sql::Row& row) { return ThreadFrom(row, key); });
}

absl::StatusOr<sql::Slice<Thread>> ListThreads(sql::Reader& reader,
                                               absl::string_view community,
                                               absl::string_view before,
                                               int size) {
  sql::Slice<Thread> threads;
  RETURN_IF_ERROR(reader.Query(
      "SELECT kind, author, create_time, update_time, version, post_count, "
      "resolve_time, resolver, outcome, title, body, id FROM threads "
      "WHERE community_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
      {community, before.empty() ? kAfterAll : before, size + 1},
      [&](const sql::Row& row) {
        threads.Add(ThreadFrom(row, {std::string(community), row.String(11)}),
                    row.Text(10).size(), size);
        return absl::OkStatus();
      }));
  return threads;
}

absl::StatusOr<sql::Slice<Thread>> ListReadableThreads(
    sql::Reader& reader, absl::string_view principal, absl::string_view before,
    int size) {
  if (before.empty()) before = kAfterAll;
  ASSIGN_OR_RETURN(const std::optional<std::vector<std::string>> few,
                   access::ReadableIfFew(reader, principal));
  return few.has_value() ? ListByNaming(reader, *few, before, size)
                         : ListByAsking(reader, principal, before, size);
}

absl::Status InsertThread(sql::Tx& tx, const Thread& thread) {
  return tx
      .Execute(
          "INSERT INTO threads (community_id, id, kind, author, "
          "create_time, update_time, version, post_count, title, body) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
          {thread.key.community, thread.key.id, thread.kind, thread.author,
           thread.create_time, thread.update_time, thread.version,
           thread.post_count, thread.title, thread.body})
      .status();
}

absl::Status UpdateResolution(sql::Tx& tx, const Thread& thread) {
  return tx
      .Execute(
          "UPDATE threads SET changes = changes + 1, "
          "update_time = $3, version = $4, "
          "resolve_time = $5, resolver = $6, outcome = $7 "
          "WHERE community_id = $1 AND id = $2",
          {thread.key.community, thread.key.id, thread.update_time,
           thread.version, thread.resolution->time, thread.resolution->resolver,
           sql::Param::Blob(thread.resolution->outcome)})
      .status();
}

absl::Status CountPost(sql::Tx& tx, const ThreadKey& key) {
  ASSIGN_OR_RETURN(const int64_t counted,
                   tx.Execute("UPDATE threads SET post_count = post_count + 1,"
                              " changes = changes + 1 "
                              "WHERE community_id = $1 AND id = $2",
                              {key.community, key.id}));
  return counted == 1 ? absl::OkStatus()
                      : sql::NotFound("There is no such thread.");
}

absl::Status CountChange(sql::Tx& tx, const ThreadKey& key) {
  return tx
      .Execute(
          "UPDATE threads SET changes = changes + 1 "
          "WHERE community_id = $1 AND id = $2",
          {key.community, key.id})
      .status();
}

absl::StatusOr<int64_t> GetChanges(sql::Reader& reader, const ThreadKey& key) {
  return reader.One(
      "SELECT changes FROM threads WHERE community_id = $1 AND id = $2",
      {key.community, key.id}, "There is no such thread.",
      [](const sql::Row& row) { return row.Int(0); });
}

}  // namespace praxis::discussions::store
