// One connection to PostgreSQL and the statements prepared on it.
#ifndef SERVICES_COMMON_SQL_POSTGRES_CONNECTION_H_
#define SERVICES_COMMON_SQL_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/sql/database.h"
#include "services/common/sql/postgres_address.h"
#include "services/common/sql/postgres_failure.h"
#include "services/common/sql/postgres_result.h"

namespace praxis::sql {

// No statement of a script waits longer for a lock: those who come after it
// would wait with it.
inline constexpr char kLockMax[] = "5s";

// What a transaction may do; or each statement commits by itself.
enum class PostgresMode { kRead, kWrite, kAutocommit };

// One connection, used in libpq's pipeline mode: what belongs together is sent
// together. Not thread-safe: who holds it, uses it alone. A caller whose limit
// ends gets its answer at once and the connection is lost with what it was
// doing: the server sees that its client has gone and stops (see
// postgres_address.cc). A cancel request of libpq would wait for the server.
class PostgresConnection {
 public:
  // Tries the addresses in turn, each for two seconds.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(
      const std::vector<PostgresParameters>& addresses, const Limit& limit);

  ~PostgresConnection() { PQfinish(connection_); }
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // Begins a transaction: BEGIN is sent with its first statement.
  void Begin(PostgresMode mode, const Limit& limit);

  // Runs one statement; `locking` adds FOR UPDATE. After a failure, remedy()
  // says what is to be done.
  absl::StatusOr<PostgresResult> Run(const char* sql, Params params,
                                     bool locking);

  // Commits and waits for it. in_doubt() is set when no answer came.
  absl::Status Commit();

  // Ends the transaction by COMMIT or ROLLBACK without waiting for the answer:
  // for one that changed nothing or is given up.
  void End(const char* end);

  // Runs several statements in one transaction, however long they take, but
  // no lock is waited for longer than kLockMax.
  absl::Status Script(const std::string& sql);

  // Takes in what the server has said meanwhile, without waiting; whether the
  // connection is still there.
  bool IsAlive();

  // Whether a statement of the transaction was sent.
  bool began() const { return began_; }
  // Of the last failure.
  PostgresRemedy remedy() const { return remedy_; }
  bool in_doubt() const { return in_doubt_; }
  // Of no more use; what was on its way may have happened.
  bool lost() const { return lost_; }

  PGconn* handle() { return connection_; }

 private:
  // A statement by its SQL's address; its text is compared, so that an address
  // that was given to other text meanwhile is found out.
  struct Statement {
    std::string sql;
    std::string name;
    bool prepared = false;
  };
  class Arguments;

  explicit PostgresConnection(PGconn* connection) : connection_(connection) {}

  absl::Status Connect(const Limit& limit);
  Statement& Find(const char* sql, bool locking);
  // Queues a statement, and its preparation before its first run.
  bool Queue(const char* sql, Params params, bool locking = false);
  bool QueueBegin();
  // Sends what is queued, with a Sync.
  bool Send();
  // Sends what is queued and reads the answers to it; that of the last
  // statement. `sql` is for the log.
  absl::StatusOr<PostgresResult> Exchange(absl::string_view sql);
  absl::StatusOr<PostgresResult> ReadAnswers(absl::string_view sql);
  // Reads the answers that nobody has waited for, all `but` the last Syncs'.
  absl::Status Drain(size_t but);
  // The next result, or null at the end of a statement's.
  absl::StatusOr<PostgresResult> NextResult();
  // Sends and receives until an answer is there.
  absl::Status WaitForAnswer();
  absl::Status Fail(PostgresFailure failure);
  absl::Status Lose(PostgresFailure failure);
  absl::Status FailOf(const PostgresResult& result, absl::string_view sql);

  PGconn* const connection_;
  // By address and whether it locks.
  absl::flat_hash_map<std::pair<const char*, bool>, std::unique_ptr<Statement>>
      statements_;
  int statements_made_ = 0;
  // Commands queued since the last Sync: the statement that one prepares, or
  // null where it runs one.
  std::vector<Statement*> queued_;
  // The same for each Sync sent whose answers have not been read.
  std::deque<std::vector<Statement*>> unread_;

  // Of the transaction under way.
  Limit limit_;
  PostgresMode mode_ = PostgresMode::kAutocommit;
  bool began_ = false;
  bool in_doubt_ = false;

  bool lost_ = false;
  PostgresRemedy remedy_ = PostgresRemedy::kNone;
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_POSTGRES_CONNECTION_H_
