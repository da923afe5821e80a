// The RPCs of ThreadService.
#ifndef SERVICES_DISCUSSIONS_HANDLERS_THREADS_H_
#define SERVICES_DISCUSSIONS_HANDLERS_THREADS_H_

#include "absl/status/statusor.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"
#include "services/discussions/handlers/thread_cache.h"

namespace praxis::discussions {

// Threads: created, read, searched and resolved. Thread-safe.
class Threads {
 public:
  // Both must outlive this.
  Threads(sql::Database& db, ThreadCache& cache) : db_(db), cache_(cache) {}

  // Starts a thread. The caller is its author; name, times and etag are
  // assigned.
  absl::StatusOr<v1::Thread> CreateThread(
      const rpc::Call& call, const v1::CreateThreadRequest& request);

  // One point read. RESOURCE_NOT_FOUND.
  absl::StatusOr<v1::Thread> GetThread(const rpc::Call& call,
                                       const v1::GetThreadRequest& request);

  // The newest first. A page begins after the last thread of the one before,
  // whatever has come or gone meanwhile.
  absl::StatusOr<v1::ListThreadsResponse> ListThreads(
      const rpc::Call& call, const v1::ListThreadsRequest& request);

  // Threads and posts, best match first; search::Find says in which order, and
  // what pages promise while others write. QUERY_INVALID.
  absl::StatusOr<v1::SearchThreadsResponse> SearchThreads(
      const rpc::Call& call, const v1::SearchThreadsRequest& request);

  // Closes a thread. RESOURCE_NOT_FOUND, NOT_AUTHOR, ETAG_MISMATCH,
  // ALREADY_RESOLVED, OUTCOME_MISMATCH, in this order: who may not resolve it
  // does not learn how it stands.
  absl::StatusOr<v1::Thread> ResolveThread(
      const rpc::Call& call, const v1::ResolveThreadRequest& request);

 private:
  sql::Database& db_;
  ThreadCache& cache_;
};

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_HANDLERS_THREADS_H_
