// The table threads.
#ifndef SERVICES_DISCUSSIONS_STORE_THREADS_H_
#define SERVICES_DISCUSSIONS_STORE_THREADS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"
#include "services/discussions/domain/thread.h"

namespace praxis::discussions::store {

// RESOURCE_NOT_FOUND.
absl::StatusOr<Thread> GetThread(sql::Reader& reader, const ThreadKey& key);

// At most `limit` threads of a community, newest first: those older than the
// thread with the id `before`, or from the newest when it is empty.
absl::StatusOr<std::vector<Thread>> ListThreads(sql::Reader& reader,
                                                absl::string_view community,
                                                absl::string_view before,
                                                int limit);

// The same over every community that `principal` ("members/{member}"; empty:
// anyone) may read.
absl::StatusOr<std::vector<Thread>> ListReadableThreads(
    sql::Reader& reader, absl::string_view principal, absl::string_view before,
    int limit);

absl::Status InsertThread(sql::Tx& tx, const Thread& thread);

// Stores the end that a thread has come to.
absl::Status UpdateResolution(sql::Tx& tx, const Thread& thread);

// Counts one more post. RESOURCE_NOT_FOUND when there is no such thread.
//
// Blind, and apart from the version: it neither reads the row nor makes an
// etag stale. On PostgreSQL, posts to one thread wait for its row until the
// one before has committed, but never fail for it (READ COMMITTED adds to what
// is there by then); the body in TOAST is not copied. Should one thread ever
// take more posts than commits a second allow, its count is spread over rows
// (community, thread, slot) and added up on reading.
absl::Status CountPost(sql::Tx& tx, const ThreadKey& key);

}  // namespace praxis::discussions::store

#endif  // SERVICES_DISCUSSIONS_STORE_THREADS_H_
