#include "services/common/sql/sqlite_writer.h"

#include <linux/futex.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::sql {
namespace {

// 16 MiB. Rarer checkpoints write a page that changes often only once; 4,096
// pages are one block of the WAL's index, so a reader looks into one.
constexpr int kCheckpointPages = 4000;
// Readers that overlap without a gap keep the WAL from starting over. From here
// on the writer waits for those that are reading, for a moment.
constexpr int kRestartPages = 4 * kCheckpointPages;
constexpr int kRestartWaitMs = 50;
constexpr int kBusyWaitMs = 5000;

absl::Status Unavailable() {
  return Error(errors::v1::STORAGE_UNAVAILABLE,
               "Storage failed and nothing was written; try again later.");
}

// A write's view of its group's transaction. Its savepoint, if it has one, is
// set before the first change.
class SqliteTx final : public Tx {
 public:
  SqliteTx(SqliteConnection& connection, bool savepoint)
      : connection_(connection), savepoint_(savepoint) {}

  absl::Status Query(const char* sql, Params params, RowCallback row) override {
    RETURN_IF_ERROR(failure_);
    if (!changed_) {
      ASSIGN_OR_RETURN(const bool writes, Noted(connection_.Writes(sql)));
      if (writes) RETURN_IF_ERROR(BeginChange());
    }
    // The callback's own refusal is no failure of the transaction.
    absl::Status refused;
    const absl::Status status =
        connection_.Query(sql, params, [&](const Row& current) {
          refused = row(current);
          return refused;
        });
    return refused.ok() ? Noted(status) : refused;
  }

  absl::StatusOr<int64_t> Execute(const char* sql, Params params) override {
    RETURN_IF_ERROR(failure_);
    RETURN_IF_ERROR(BeginChange());
    return Noted(connection_.Execute(sql, params));
  }

  // There is no other writer.
  absl::Status Lock(const char* sql, Params params, RowCallback row) override {
    return Query(sql, params, row);
  }

  absl::Status Script(const std::string& sql) {
    RETURN_IF_ERROR(BeginChange());
    return Noted(connection_.Script(sql));
  }

  // Keeps or undoes the changes, as the body's `status` says. Without a
  // savepoint, they are undone with the whole group.
  absl::Status Finish(absl::Status status) {
    if (status.ok()) status = failure_;
    if (!changed_ || !savepoint_ || !connection_.in_transaction()) {
      return status;
    }
    absl::Status end;
    if (!status.ok()) end = connection_.Run("ROLLBACK TO write");
    if (end.ok()) end = connection_.Run("RELEASE write");
    // Changes that cannot be undone alone are undone with the whole group.
    if (!end.ok()) connection_.Run("ROLLBACK").IgnoreError();
    return status.ok() ? end : status;
  }

  bool changed() const { return changed_; }
  Dialect dialect() const override { return Dialect::kSqlite; }

 private:
  absl::Status BeginChange() {
    if (changed_) return absl::OkStatus();
    if (savepoint_) RETURN_IF_ERROR(Noted(connection_.Run("SAVEPOINT write")));
    changed_ = true;
    return absl::OkStatus();
  }

  absl::Status Noted(absl::Status status) {
    if (!status.ok()) failure_ = status;
    return status;
  }
  template <typename T>
  absl::StatusOr<T> Noted(absl::StatusOr<T> result) {
    if (!result.ok()) failure_ = result.status();
    return result;
  }

  SqliteConnection& connection_;
  const bool savepoint_;
  bool changed_ = false;
  absl::Status failure_;
};

}  // namespace

// A write that waits, on its caller's stack.
struct SqliteWriter::Job {
  absl::FunctionRef<absl::Status(Tx&)> body;
  absl::Status result;
  bool changed = false;
};

// Writes that share a commit. All callers wait for one word, so that one
// system call wakes them all; std::atomic's wait() yields several times first,
// which costs many callers more than the sleep.
struct SqliteWriter::Group {
  void Wait() {
    while (done.load() == 0) Futex(FUTEX_WAIT_PRIVATE, 0);
  }
  void Release() {
    done.store(1);
    Futex(FUTEX_WAKE_PRIVATE, std::numeric_limits<int>::max());
  }

  std::vector<Job*> jobs;

 private:
  void Futex(int operation, int value) {
    syscall(SYS_futex, &done, operation, value, nullptr, nullptr, 0);
  }
  std::atomic<int> done{0};
};

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteConnection> connection,
                           Options options)
    : connection_(std::move(connection)),
      queue_max_(std::max(options.queue_max, 1)),
      group_max_(std::max(options.group_max, 1)),
      on_disk_failure_(std::move(options.on_disk_failure)),
      checkpoint_at_(kCheckpointPages) {
  sqlite3_wal_hook(
      connection_->handle(),
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &wal_pages_);
  thread_ = std::thread([this] { Loop(); });
}

SqliteWriter::~SqliteWriter() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
}

absl::Status SqliteWriter::Write(absl::FunctionRef<absl::Status(Tx&)> body) {
  if (std::this_thread::get_id() == thread_.get_id()) {
    spdlog::error("sqlite: a write within a write");
    return Error(errors::v1::INTERNAL,
                 "The service writes within a write; its log says more.");
  }
  Job job{body};
  std::shared_ptr<Group> group;
  bool wake;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (queued_ >= queue_max_) {
      return RetryAfter(
          Error(errors::v1::OVERLOADED, "Too many writes wait; try again."),
          absl::Milliseconds(100));
    }
    if (groups_.empty() || groups_.back()->jobs.size() >= group_max_) {
      groups_.push_back(std::make_shared<Group>());
    }
    group = groups_.back();
    group->jobs.push_back(&job);
    ++queued_;
    wake = std::exchange(idle_, false);
  }
  if (wake) work_.notify_one();
  group->Wait();
  return std::move(job.result);
}

absl::Status SqliteWriter::Script(const std::string& sql) {
  return Write([&](Tx& tx) { return static_cast<SqliteTx&>(tx).Script(sql); });
}

void SqliteWriter::OnCommit(std::function<void()> callback) {
  std::lock_guard<std::mutex> lock(mutex_);
  on_commit_ = std::move(callback);
}

absl::Status SqliteWriter::Check() const {
  if (!broken_.load()) return absl::OkStatus();
  return Error(errors::v1::STORAGE_UNAVAILABLE,
               "The disk failed; nothing is written until the service is "
               "started again.");
}

void SqliteWriter::Loop() {
  while (std::shared_ptr<Group> group = Next()) {
    Run(*group);
    group->Release();
    Checkpoint();
  }
}

std::shared_ptr<SqliteWriter::Group> SqliteWriter::Next() {
  std::unique_lock<std::mutex> lock(mutex_);
  idle_ = groups_.empty();
  work_.wait(lock, [&] { return stopping_ || !groups_.empty(); });
  idle_ = false;
  if (groups_.empty()) return nullptr;
  std::shared_ptr<Group> group = std::move(groups_.front());
  groups_.pop_front();
  queued_ -= group->jobs.size();
  return group;
}

// Before a savepoint FTS5 writes out what it has gathered, which was a third of
// what adding a text costs. So a group runs without any, and when one of its
// writes fails after it has changed something, all of it is undone and run
// again, each write in its savepoint.
void SqliteWriter::Run(Group& group) {
  const bool was_broken = broken_.load();
  bool changed = false;
  absl::Status status = RunAll(group, /*savepoints=*/false, &changed);
  if (status.ok() && MustUndo(group)) {
    status = connection_->Run("ROLLBACK");
    // It knows why it failed.
    if (status.ok() && group.jobs.size() == 1) return;
    changed = false;
    if (status.ok()) status = RunAll(group, /*savepoints=*/true, &changed);
  }
  if (Finish(status)) {
    if (changed) Announce();
    return;
  }
  // A status for each: what SQLite said is in the log and not for callers.
  for (Job* job : group.jobs) {
    if (!job->result.ok()) continue;
    job->result = was_broken       ? Check()
                  : broken_.load() ? CommitInDoubt()
                                   : Unavailable();
  }
}

bool SqliteWriter::MustUndo(const Group& group) const {
  return std::any_of(group.jobs.begin(), group.jobs.end(), [](const Job* job) {
    return !job->result.ok() && job->changed;
  });
}

absl::Status SqliteWriter::RunAll(Group& group, bool savepoints,
                                  bool* changed) {
  RETURN_IF_ERROR(Check());
  RETURN_IF_ERROR(connection_->Run("BEGIN IMMEDIATE"));
  for (Job* job : group.jobs) {
    RunOne(*job, savepoints);
    // Out of disk or memory, SQLite rolls back all of it by itself.
    if (!connection_->in_transaction()) return Unavailable();
    if (job->changed && job->result.ok()) *changed = true;
    // The others will have their turn with savepoints.
    if (job->changed && !job->result.ok() && !savepoints) break;
  }
  return absl::OkStatus();
}

void SqliteWriter::RunOne(Job& job, bool savepoint) {
  SqliteTx tx(*connection_, savepoint);
  job.result = tx.Finish(job.body(tx));
  job.changed = tx.changed();
}

bool SqliteWriter::Finish(absl::Status status) {
  if (status.ok()) status = connection_->Run("COMMIT");
  if (status.ok()) return true;
  StopIfBroken();
  if (connection_->in_transaction()) {
    connection_->Run("ROLLBACK").IgnoreError();
  }
  return false;
}

void SqliteWriter::Announce() {
  std::function<void()> callback;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    callback = on_commit_;
  }
  if (callback) callback();
}

void SqliteWriter::Checkpoint() {
  // It has started over since.
  if (wal_pages_ < checkpoint_at_ - kCheckpointPages) {
    checkpoint_at_ = kCheckpointPages;
  }
  if (wal_pages_ < checkpoint_at_ || broken_.load()) return;

  const bool restart = wal_pages_ >= kRestartPages;
  if (restart) sqlite3_busy_timeout(connection_->handle(), kRestartWaitMs);
  const int code = sqlite3_wal_checkpoint_v2(
      connection_->handle(), nullptr,
      restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, nullptr,
      nullptr);
  sqlite3_busy_timeout(connection_->handle(), kBusyWaitMs);
  // Busy: readers hold old pages. The next attempt is due after as many more.
  checkpoint_at_ = wal_pages_ + kCheckpointPages;
  if (code != SQLITE_OK && code != SQLITE_BUSY) {
    spdlog::error("sqlite: checkpoint: {} ({})",
                  sqlite3_errmsg(connection_->handle()), code);
    StopIfBroken();
  }
}

// A failed write (no space, quota) is safe to try again, since nothing counted
// on it; a failed fsync is not, nor is anything else the disk answers.
void SqliteWriter::StopIfBroken() {
  const int code = connection_->last_code();
  if (broken_.load() || (code & 0xff) != SQLITE_IOERR ||
      code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_NOMEM) {
    return;
  }
  spdlog::critical("sqlite: the disk failed ({}): no more writes", code);
  broken_.store(true);
  on_disk_failure_();
  // Closing must not try what has failed.
  sqlite3_db_config(connection_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
                    nullptr);
}

}  // namespace praxis::sql
