// ThreadCache: threads and how they begin, as they were read last.
#ifndef SERVICES_DISCUSSIONS_HANDLERS_THREAD_CACHE_H_
#define SERVICES_DISCUSSIONS_HANDLERS_THREAD_CACHE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "praxis/discussions/v1/posts.pb.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "services/common/cache/cache.h"
#include "services/common/cache/read_through.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/page.h"
#include "services/common/sql/database.h"
#include "services/common/telemetry/metrics.h"
#include "services/discussions/domain/thread.h"

namespace praxis::discussions {

// What most readers of a thread ask for: the thread, and the first page of its
// posts at the size that pages have when nobody says. Other pages are read.
// Who may read them was judged before, for every call: nothing in here rests
// on it. Thread-safe.
//
// An entry's version is the thread's count of changes, its posts' included.
// Whoever changes something says so to the cache after the commit and before
// the answer, so that nobody reads something older than what they wrote; if
// they die in between, or cannot reach the cache, others may read what was
// before for kTtl.
class ThreadCache {
 public:
  static constexpr absl::Duration kTtl = absl::Seconds(30);

  // `cache` may be null: then everything is read. Both outlive this.
  ThreadCache(cache::Cache* cache, telemetry::Registry& registry);

  absl::StatusOr<v1::Thread> GetThread(
      const rpc::Call& call, sql::Database& db, const ThreadKey& key,
      absl::FunctionRef<absl::StatusOr<v1::Thread>(sql::Reader&)> read);

  absl::StatusOr<v1::ListPostsResponse> ListPosts(
      const rpc::Call& call, sql::Database& db, const ThreadKey& thread,
      const rpc::Page& page,
      absl::FunctionRef<absl::StatusOr<v1::ListPostsResponse>(sql::Reader&)>
          read);

  // One write to a thread or its posts.
  class Change {
   public:
    Change(ThreadCache& cache, ThreadKey key)
        : cache_(cache), key_(std::move(key)) {}

    // At the end of the transaction: what the count of changes is now.
    absl::Status Note(sql::Tx& tx);
    // After the transaction, whatever came of it. Of an answer that was kept
    // nothing was noted: whoever gave it may have died before it told.
    void Announce(sql::Database& db);

   private:
    ThreadCache& cache_;
    const ThreadKey key_;
    int64_t changes_ = 0;
  };

 private:
  template <typename Response>
  absl::StatusOr<Response> Get(
      cache::ReadThrough& entries, const std::string& name,
      const rpc::Call& call, sql::Database& db, const ThreadKey& key,
      absl::FunctionRef<absl::StatusOr<Response>(sql::Reader&)> read);

  cache::Cache* const cache_;
  std::unique_ptr<cache::ReadThrough> threads_;
  std::unique_ptr<cache::ReadThrough> posts_;
};

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_HANDLERS_THREAD_CACHE_H_
