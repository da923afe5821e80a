// The RPCs of ThreadService.
#ifndef SERVICES_DISCUSSIONS_HANDLERS_THREADS_H_
#define SERVICES_DISCUSSIONS_HANDLERS_THREADS_H_

#include "absl/status/statusor.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"

namespace praxis::discussions {

// Threads: created, read, searched and resolved. Thread-safe.
class Threads {
 public:
  // `db` must outlive this.
  explicit Threads(sql::Database& db) : db_(db) {}

  absl::StatusOr<v1::Thread> CreateThread(
      const rpc::Call& call, const v1::CreateThreadRequest& request);

  absl::StatusOr<v1::Thread> GetThread(const rpc::Call& call,
                                       const v1::GetThreadRequest& request);

  absl::StatusOr<v1::ListThreadsResponse> ListThreads(
      const rpc::Call& call, const v1::ListThreadsRequest& request);

  absl::StatusOr<v1::SearchThreadsResponse> SearchThreads(
      const rpc::Call& call, const v1::SearchThreadsRequest& request);

  absl::StatusOr<v1::Thread> ResolveThread(
      const rpc::Call& call, const v1::ResolveThreadRequest& request);

 private:
  sql::Database& db_;
};

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_HANDLERS_THREADS_H_
