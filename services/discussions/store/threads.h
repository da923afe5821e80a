// The table threads.
#ifndef SERVICES_DISCUSSIONS_STORE_THREADS_H_
#define SERVICES_DISCUSSIONS_STORE_THREADS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/sql/database.h"
#include "services/common/sql/slice.h"
#include "services/discussions/domain/thread.h"

namespace praxis::discussions::store {

// RESOURCE_NOT_FOUND.
//
// Columns, and not the message's bytes kept beside them: reading a thread and
// making its message takes 4.1 us, parsing stored bytes and setting what has
// changed since (post_count) 5; a page of 51 posts is a draw. Handing stored
// bytes through unparsed would save 0.6 us.
absl::StatusOr<Thread> GetThread(sql::Reader& reader, const ThreadKey& key);

// A page of at most `size` threads of a community, newest first: those older
// than the thread with the id `before`, or from the newest when it is empty.
absl::StatusOr<sql::Slice<Thread>> ListThreads(sql::Reader& reader,
                                               absl::string_view community,
                                               absl::string_view before,
                                               int size);

// The same over every community that `principal` ("members/{member}"; empty:
// anyone) may read. Where those are few, the newest of each are put in order;
// else the newest of all are asked one by one whether they may be read, which
// ends with the page.
absl::StatusOr<sql::Slice<Thread>> ListReadableThreads(
    sql::Reader& reader, absl::string_view principal, absl::string_view before,
    int size);

absl::Status InsertThread(sql::Tx& tx, const Thread& thread);

// Stores the end that a thread has come to.
absl::Status UpdateResolution(sql::Tx& tx, const Thread& thread);

// Counts one more post. RESOURCE_NOT_FOUND when there is no such thread.
//
// Apart from the version: it makes no etag stale. Posts to one thread at once
// want the same row, so on PostgreSQL all but one of them run again, one after
// the other: 1,400 a second by 16 writers, of which 3 in 1,000 give up as
// OVERLOADED, where posts to many threads make 6,000. Should one thread ever
// take more, its count is spread over rows (community, thread, slot) and added
// up on reading.
absl::Status CountPost(sql::Tx& tx, const ThreadKey& key);

// Counts a change of one of its posts.
absl::Status CountChange(sql::Tx& tx, const ThreadKey& key);

// How often the thread or one of its posts has changed. RESOURCE_NOT_FOUND.
absl::StatusOr<int64_t> GetChanges(sql::Reader& reader, const ThreadKey& key);

}  // namespace praxis::discussions::store

#endif  // SERVICES_DISCUSSIONS_STORE_THREADS_H_
