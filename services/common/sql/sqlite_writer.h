// The one thread that writes to an SQLite database.
#ifndef SERVICES_COMMON_SQL_SQLITE_WRITER_H_
#define SERVICES_COMMON_SQL_SQLITE_WRITER_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "services/common/sql/sqlite_connection.h"

namespace praxis::sql {

// Runs writes in groups: one transaction, one fsync for all that wait. One that
// fails takes nothing with it: its group is run again, each write with its own
// savepoint.
// Its thread also checkpoints, and nobody else does.
//
// After an fsync has failed, nothing is known about what the disk holds, and
// the kernel answers a second fsync with success though the data is lost: the
// writer refuses all work from then on, and only a restart, which reads what
// is really there, mends it. Thread-safe.
class SqliteWriter {
 public:
  struct Options {
    int queue_max;
    int group_max;
    std::function<void()> on_disk_failure;
  };

  SqliteWriter(std::unique_ptr<SqliteConnection> connection, Options options);
  // No write may be under way.
  ~SqliteWriter();
  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  // As Database::Write and Database::OnCommit.
  absl::Status Write(absl::FunctionRef<absl::Status(Tx&)> body);
  void OnCommit(std::function<void()> callback);

  // As Database::Script.
  absl::Status Script(const std::string& sql);

  // STORAGE_UNAVAILABLE after a failed fsync, else OK.
  absl::Status Check() const;

 private:
  struct Job;
  struct Group;

  void Loop();
  std::shared_ptr<Group> Next();
  // Runs a group's jobs and commits them; fills in their results.
  void Run(Group& group);
  // Begins a transaction and runs the jobs in it, up to the first that fails
  // with something to undo, unless there are savepoints.
  absl::Status RunAll(Group& group, bool savepoints, bool* changed);
  void RunOne(Job& job, bool savepoint);
  bool MustUndo(const Group& group) const;
  // Commits the group's transaction if `status` is OK, else undoes it; whether
  // it is committed.
  bool Finish(absl::Status status);
  void Announce();
  void Checkpoint();
  // Stops writing for good if the last failure was of the disk itself.
  void StopIfBroken();

  const std::unique_ptr<SqliteConnection> connection_;
  const size_t queue_max_;
  const size_t group_max_;
  const std::function<void()> on_disk_failure_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<std::shared_ptr<Group>> groups_;
  size_t queued_ = 0;
  bool idle_ = false;
  bool stopping_ = false;
  std::function<void()> on_commit_;

  std::atomic<bool> broken_{false};
  // Pages in the WAL after the last commit, and at how many to checkpoint.
  int wal_pages_ = 0;
  int checkpoint_at_;
  std::thread thread_;
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_SQLITE_WRITER_H_
