// The connections that read an SQLite database.
#ifndef SERVICES_COMMON_SQL_SQLITE_READERS_H_
#define SERVICES_COMMON_SQL_SQLITE_READERS_H_

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "services/common/sql/sqlite_connection.h"

namespace praxis::sql {

// A pool of read connections, opened when first used. Taking one is one atomic
// exchange: each thread has a home slot, whose page cache and statements are
// likely its own, and looks further only when that is busy. Thread-safe.
class SqliteReaders {
 public:
  SqliteReaders(std::string path, int count);

  // Runs `body` in one read transaction of a connection, waiting for one when
  // all are busy. A query that is under way when `limit` is over is stopped.
  absl::Status Read(absl::FunctionRef<absl::Status(Reader&)> body,
                    const Limit& limit = {});

 private:
  struct alignas(64) Slot {
    std::atomic<bool> busy{false};
    std::unique_ptr<SqliteConnection> connection;
  };
  class Lease;

  Slot* TryTake();
  // Null when the limit is over.
  Slot* Take(const Limit& limit);
  void GiveBack(Slot* slot);

  const std::string path_;
  std::vector<Slot> slots_;
  std::atomic<int> waiting_{0};
  std::mutex mutex_;
  std::condition_variable freed_;
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_SQLITE_READERS_H_
