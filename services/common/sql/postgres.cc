#include "services/common/sql/postgres.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "services/common/sql/postgres_listener.h"
#include "services/common/sql/postgres_pool.h"
#include "services/common/status/status.h"

namespace praxis::sql {
namespace {

constexpr char kCommit[] = "COMMIT";
constexpr char kRollback[] = "ROLLBACK";

// How often work is run again. Two processes that want the same row get it
// half of the times each; within a process they queue (see Turn).
constexpr int kRerunsMax = 100;
constexpr int kReconnectsMax = 2;
constexpr absl::Duration kCheckMax = absl::Seconds(1);

// A transaction that may write.
class PostgresTx final : public Tx {
 public:
  PostgresTx(PostgresConnection& connection, const Limit& limit)
      : connection_(connection) {
    connection_.Begin(PostgresMode::kWrite, limit);
  }

  // The rows are all here before the first is shown: `row` may query too.
  absl::Status Query(const char* sql, Params params, RowCallback row) override {
    ASSIGN_OR_RETURN(const PostgresResult result, Run(sql, params, false));
    return result.ForEach(row);
  }
  absl::StatusOr<int64_t> Execute(const char* sql, Params params) override {
    ASSIGN_OR_RETURN(const PostgresResult result, Run(sql, params, false));
    return result.Changed();
  }
  absl::Status Lock(const char* sql, Params params, RowCallback row) override {
    ASSIGN_OR_RETURN(const PostgresResult result, Run(sql, params, true));
    return result.ForEach(row);
  }
  Dialect dialect() const override { return Dialect::kPostgres; }

  bool changed() const { return changed_; }
  const absl::Status& failure() const { return failure_; }

 private:
  absl::StatusOr<PostgresResult> Run(const char* sql, Params params,
                                     bool locking) {
    RETURN_IF_ERROR(failure_);
    absl::StatusOr<PostgresResult> result =
        connection_.Run(sql, params, locking);
    failure_ = result.status();
    if (result.ok() && result->Changed() > 0) changed_ = true;
    return result;
  }

  PostgresConnection& connection_;
  bool changed_ = false;
  absl::Status failure_;
};

// The reads that go on after their first statement, by its address. Those that
// do not need no transaction: one statement is a snapshot by itself and costs
// half of what it does with BEGIN and COMMIT. Whether a body goes on shows when
// it does; then it runs again. Thread-safe.
class LongReads {
 public:
  bool Has(const char* first) {
    // What else may write must be in a transaction that does not let it.
    if (!absl::StartsWithIgnoreCase(first, "SELECT")) return true;
    absl::ReaderMutexLock lock(&mutex_);
    return firsts_.contains(first);
  }
  void Add(const char* first) {
    absl::MutexLock lock(&mutex_);
    // Far above what a service has, see kStatementsMax.
    if (firsts_.size() >= 4096) firsts_.clear();
    firsts_.insert(first);
  }

 private:
  absl::Mutex mutex_;
  absl::flat_hash_set<const char*> firsts_ ABSL_GUARDED_BY(mutex_);
};

// One run of a body that reads.
class PostgresReader final : public Reader {
 public:
  PostgresReader(PostgresConnection& connection, LongReads& long_reads,
                 const Limit& limit)
      : connection_(connection), long_reads_(long_reads), limit_(limit) {
    connection_.Begin(PostgresMode::kAutocommit, limit);
  }

  absl::Status Query(const char* sql, Params params, RowCallback row) override {
    RETURN_IF_ERROR(failure_);
    if (first_ == nullptr) {
      first_ = sql;
      // Only a transaction can be given more time than usual.
      const absl::Duration left = limit_.deadline - absl::Now();
      single_ = !long_reads_.Has(sql) &&
                (left <= kStatementMax || left == absl::InfiniteDuration());
      if (!single_) connection_.Begin(PostgresMode::kRead, limit_);
    } else if (single_) {
      long_reads_.Add(first_);
      begins_anew_ = true;
      failure_ = absl::AbortedError("begins anew");
      return failure_;
    }
    absl::StatusOr<PostgresResult> result = connection_.Run(sql, params, false);
    failure_ = result.status();
    return result.ok() ? result->ForEach(row) : failure_;
  }
  Dialect dialect() const override { return Dialect::kPostgres; }

  // The body must run again, whatever it answered.
  bool begins_anew() const { return begins_anew_; }
  const absl::Status& failure() const { return failure_; }

 private:
  PostgresConnection& connection_;
  LongReads& long_reads_;
  const Limit& limit_;
  const char* first_ = nullptr;
  bool single_ = false;
  bool begins_anew_ = false;
  absl::Status failure_;
};

// What came of running a body once.
struct Attempt {
  absl::Status status;
  PostgresRemedy remedy = PostgresRemedy::kNone;
  bool in_doubt = false;
  bool changed = false;
};

// Counts attempts, and lets those that clashed pass one by one: writers of one
// row that start again together would clash again, all but one.
class Attempts {
 public:
  Attempts(std::timed_mutex& turns, const Limit& limit)
      : turn_(turns, std::defer_lock), limit_(limit) {}

  // Whether to run again after `last`; waits for its turn.
  bool Again(const Attempt& last) {
    in_doubt_ |= last.in_doubt;
    switch (last.remedy) {
      case PostgresRemedy::kNone:
        return false;
      case PostgresRemedy::kBeginAnew:
        return true;
      case PostgresRemedy::kReconnect:
        return ++reconnects_ <= kReconnectsMax && CheckLimit(limit_).ok();
      case PostgresRemedy::kRerun:
        return ++reruns_ <= kRerunsMax && TakeTurn();
    }
    return false;
  }

  // The answer in the end. A commit that was in doubt and has not been found
  // out about since still is.
  absl::Status Answer(Attempt last) {
    const bool told = last.status.ok() || last.remedy == PostgresRemedy::kNone;
    return in_doubt_ && !(told && !IsOfStorage(last.status))
               ? CommitInDoubt()
               : std::move(last.status);
  }

 private:
  static bool IsOfStorage(const absl::Status& status) {
    switch (ReasonOf(status)) {
      case errors::v1::STORAGE_UNAVAILABLE:
      case errors::v1::OVERLOADED:
      case errors::v1::DEADLINE_EXCEEDED:
      case errors::v1::CANCELLED:
        return true;
      default:
        return false;
    }
  }

  // Whoever has it may be waiting for long, and for another row: then two go on
  // at once.
  bool TakeTurn() {
    if (!turn_.owns_lock()) {
      [[maybe_unused]] const bool is_mine =
          turn_.try_lock_for(std::chrono::milliseconds(100));
    }
    // The other one is in another process.
    if (reruns_ > 1) {
      absl::SleepFor(absl::Milliseconds(
          absl::Uniform(random_, 0.0, 1 << std::min(reruns_, 5))));
    }
    return CheckLimit(limit_).ok();
  }

  std::unique_lock<std::timed_mutex> turn_;
  const Limit& limit_;
  absl::InsecureBitGen random_;
  int reruns_ = 0;
  int reconnects_ = 0;
  bool in_doubt_ = false;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::vector<PostgresParameters> addresses,
                   const PostgresOptions& options)
      : pool_(std::move(addresses), options.connections, options.waiting_max) {}

  using Database::Read;
  using Database::Write;
  absl::Status Read(absl::FunctionRef<absl::Status(Reader&)> body,
                    const Limit& limit) override {
    return Repeat(limit, [&] { return ReadOnce(body, limit); });
  }
  absl::Status Write(absl::FunctionRef<absl::Status(Tx&)> body,
                     const WriteOptions& options) override {
    bool clashed = false;
    return Repeat(options.limit, [&] {
      Attempt attempt = WriteOnce(body, options);
      // Its own twin may have been faster, which it will see now: the same
      // request twice at once, or one whose commit was in doubt.
      if (options.repeatable && !clashed &&
          ReasonOf(attempt.status) == errors::v1::NAME_TAKEN) {
        clashed = true;
        attempt.remedy = PostgresRemedy::kRerun;
      }
      return attempt;
    });
  }
  absl::Status Script(const std::string& sql) override {
    return Repeat({}, [&] { return ScriptOnce(sql); });
  }
  void OnCommit(std::function<void()> callback) override {
    on_commit_ = std::move(callback);
    listener_ = std::make_unique<PostgresListener>(pool_, on_commit_);
    announces_.store(true);
  }
  absl::Status Check() override {
    return Read(
        [](Reader& reader) {
          return reader.Query("SELECT 1", {},
                              [](const Row&) { return absl::OkStatus(); });
        },
        {.deadline = absl::Now() + kCheckMax});
  }
  Dialect dialect() const override { return Dialect::kPostgres; }

 private:
  absl::Status Repeat(const Limit& limit,
                      absl::FunctionRef<Attempt()> run_once) {
    Attempts attempts(turns_, limit);
    while (true) {
      Attempt attempt = run_once();
      // Too often does no harm.
      if (attempt.in_doubt || (attempt.status.ok() && attempt.changed)) {
        Announce();
      }
      if (!attempts.Again(attempt)) return attempts.Answer(std::move(attempt));
    }
  }

  Attempt ReadOnce(absl::FunctionRef<absl::Status(Reader&)> body,
                   const Limit& limit) {
    auto lease = pool_.Take(limit);
    if (!lease.ok()) return {.status = lease.status()};
    PostgresConnection& connection = **lease;
    PostgresReader reader(connection, long_reads_, limit);
    absl::Status status = body(reader);
    if (reader.begins_anew()) {
      return {.status = std::move(status),
              .remedy = PostgresRemedy::kBeginAnew};
    }
    connection.End(kCommit);
    // What it made of a failure that is mended by running again is void.
    const PostgresRemedy remedy = connection.remedy();
    if (remedy != PostgresRemedy::kNone) status = reader.failure();
    return {.status = std::move(status), .remedy = remedy};
  }

  Attempt WriteOnce(absl::FunctionRef<absl::Status(Tx&)> body,
                    const WriteOptions& options) {
    auto lease = pool_.Take(options.limit);
    if (!lease.ok()) return {.status = lease.status()};
    PostgresConnection& connection = **lease;
    PostgresTx tx(connection, options.limit);
    absl::Status status = body(tx);
    if (status.ok() || connection.remedy() != PostgresRemedy::kNone) {
      status = tx.failure();
    }
    if (status.ok() && tx.changed()) status = connection.Commit();
    connection.End(status.ok() ? kCommit : kRollback);
    if (connection.in_doubt()) {
      return {.status = CommitInDoubt(),
              .remedy = options.repeatable ? PostgresRemedy::kReconnect
                                           : PostgresRemedy::kNone,
              .in_doubt = true};
    }
    return {.status = std::move(status),
            .remedy = connection.remedy(),
            .changed = tx.changed()};
  }

  Attempt ScriptOnce(const std::string& sql) {
    auto lease = pool_.Take({});
    if (!lease.ok()) return {.status = lease.status()};
    absl::Status status = (**lease).Script(sql);
    if ((**lease).in_doubt())
      return {.status = CommitInDoubt(), .in_doubt = true};
    return {.status = std::move(status),
            .remedy = (**lease).remedy(),
            .changed = true};
  }

  void Announce() {
    if (!announces_.load()) return;
    on_commit_();
    listener_->Tell();
  }

  PostgresPool pool_;
  LongReads long_reads_;
  // Of writers that clashed.
  std::timed_mutex turns_;
  std::function<void()> on_commit_;
  std::atomic<bool> announces_{false};
  std::unique_ptr<PostgresListener> listener_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(
    const PostgresOptions& options) {
  ASSIGN_OR_RETURN(std::vector<PostgresParameters> addresses,
                   PostgresAddresses(options.conninfo, options.name));
  return std::make_unique<PostgresDatabase>(std::move(addresses), options);
}

}  // namespace praxis::sql
