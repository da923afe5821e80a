#include "services/discussions/handlers/thread_cache.h"

#include "absl/strings/str_cat.h"
#include "services/common/status/status.h"
#include "services/discussions/store/threads.h"

namespace praxis::discussions {
namespace {

// Reads within one snapshot for `call`.
template <typename Response>
absl::StatusOr<Response> ReadOne(
    const rpc::Call& call, sql::Database& db,
    absl::FunctionRef<absl::StatusOr<Response>(sql::Reader&)> read) {
  absl::StatusOr<Response> response;
  RETURN_IF_ERROR(rpc::Read(call, db, [&](sql::Reader& reader) {
    response = read(reader);
    return response.status();
  }));
  return response;
}

std::string ThreadName(const ThreadKey& key) {
  return absl::StrCat("thread/", key.community, "/", key.id);
}
std::string PostsName(const ThreadKey& key) {
  return absl::StrCat("posts/", key.community, "/", key.id);
}

}  // namespace

ThreadCache::ThreadCache(cache::Cache* cache, telemetry::Registry& registry)
    : cache_(cache) {
  if (cache_ == nullptr) return;
  threads_ = std::make_unique<cache::ReadThrough>(*cache_, "threads", registry);
  posts_ = std::make_unique<cache::ReadThrough>(*cache_, "posts", registry);
}

absl::StatusOr<v1::Thread> ThreadCache::GetThread(
    const rpc::Call& call, sql::Database& db, const ThreadKey& key,
    absl::FunctionRef<absl::StatusOr<v1::Thread>(sql::Reader&)> read) {
  if (cache_ == nullptr) return ReadOne<v1::Thread>(call, db, read);
  return Get<v1::Thread>(*threads_, ThreadName(key), call, db, key, read);
}

absl::StatusOr<v1::ListPostsResponse> ThreadCache::ListPosts(
    const rpc::Call& call, sql::Database& db, const ThreadKey& thread,
    const rpc::Page& page,
    absl::FunctionRef<absl::StatusOr<v1::ListPostsResponse>(sql::Reader&)>
        read) {
  if (cache_ == nullptr || !page.after.empty() ||
      page.size != rpc::Page().size) {
    return ReadOne<v1::ListPostsResponse>(call, db, read);
  }
  return Get<v1::ListPostsResponse>(*posts_, PostsName(thread), call, db,
                                    thread, read);
}

template <typename Response>
absl::StatusOr<Response> ThreadCache::Get(
    cache::ReadThrough& entries, const std::string& name, const rpc::Call& call,
    sql::Database& db, const ThreadKey& key,
    absl::FunctionRef<absl::StatusOr<Response>(sql::Reader&)> read) {
  ASSIGN_OR_RETURN(
      const cache::Entry entry,
      entries.Get(
          name, kTtl,
          [&]() -> absl::StatusOr<cache::Entry> {
            return ReadOne<cache::Entry>(
                call, db,
                [&](sql::Reader& reader) -> absl::StatusOr<cache::Entry> {
                  ASSIGN_OR_RETURN(const Response response, read(reader));
                  ASSIGN_OR_RETURN(const int64_t changes,
                                   store::GetChanges(reader, key));
                  return cache::Entry{changes, response.SerializeAsString()};
                });
          },
          rpc::LimitOf(call)));
  Response response;
  if (!response.ParseFromString(entry.bytes)) {
    return Error(Reason::INTERNAL, "A cached answer cannot be read.");
  }
  return response;
}

absl::Status ThreadCache::Change::Note(sql::Tx& tx) {
  if (cache_.cache_ == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(changes_, store::GetChanges(tx, key_));
  return absl::OkStatus();
}

void ThreadCache::Change::Announce(sql::Database& db) {
  if (cache_.cache_ == nullptr) return;
  if (changes_ == 0) {
    const absl::Status status =
        db.Read([&](sql::Reader& reader) -> absl::Status {
          ASSIGN_OR_RETURN(changes_, store::GetChanges(reader, key_));
          return absl::OkStatus();
        });
    if (!status.ok() || changes_ == 0) return;
  }
  cache_.cache_->Raise(ThreadName(key_), changes_);
  cache_.cache_->Raise(PostsName(key_), changes_);
}

}  // namespace praxis::discussions
