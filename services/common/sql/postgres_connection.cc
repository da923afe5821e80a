#include "services/common/sql/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/common/sql/postgres.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::sql {
namespace {

// Statements prepared per connection. Far above what a service has; it bounds
// the server's memory for a caller who breaks the rule and makes up SQL.
constexpr int kStatementsMax = 512;
constexpr absl::Duration kConnectMax = absl::Seconds(2);
// How often a flag is looked at while waiting.
constexpr absl::Duration kGlance = absl::Milliseconds(50);
// What the network may add to the server's own limit.
constexpr absl::Duration kGrace = absl::Seconds(1);

constexpr char kBeginRead[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr char kBeginWrite[] = "BEGIN ISOLATION LEVEL REPEATABLE READ";
constexpr char kSetTimeout[] =
    "SELECT set_config('statement_timeout', $1, true)";
constexpr char kCommit[] = "COMMIT";

constexpr int kBinary = 1;

void LogNotice(void*, const char* message) {
  spdlog::warn("postgres: {}", message);
}

// Waits until the socket is ready for `events`, `limit` is over (its failure)
// or `until` has come (OK all the same).
absl::Status WaitForSocket(PGconn* connection, short events, absl::Time until,
                           const Limit& limit) {
  pollfd socket = {.fd = PQsocket(connection), .events = events};
  while (true) {
    const absl::Time now = absl::Now();
    absl::Duration wait = std::min(until, limit.deadline) - now;
    if (limit.cancelled != nullptr) wait = std::min(wait, kGlance);
    wait = std::clamp(wait, absl::ZeroDuration(), absl::Hours(1));
    const int ready = poll(&socket, 1,
                           static_cast<int>(absl::ToInt64Milliseconds(
                               absl::Ceil(wait, absl::Milliseconds(1)))));
    if (ready > 0) return absl::OkStatus();
    RETURN_IF_ERROR(CheckLimit(limit));
    if (absl::Now() >= until) return absl::OkStatus();
  }
}

}  // namespace

// Parameters as libpq wants them: numbers spelt out, for the server infers a
// parameter's type from its place and a bigint in binary form would not do for
// an integer; texts and blobs as they are.
class PostgresConnection::Arguments {
 public:
  explicit Arguments(Params params) : numbers_(params.size()) {
    auto number = numbers_.begin();
    for (const Param& param : params) Add(param, *number++);
  }

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void Add(const Param& param, std::string& number) {
    const char* value = nullptr;
    switch (param.kind()) {
      case Param::Kind::kNull:
        break;
      case Param::Kind::kInt:
        number = absl::StrCat(param.number());
        value = number.c_str();
        break;
      case Param::Kind::kText:
      case Param::Kind::kBlob:
        value = param.bytes().data();
        // A null pointer would be NULL, not "".
        if (value == nullptr) value = "";
    }
    values_.push_back(value);
    lengths_.push_back(static_cast<int>(param.bytes().size()));
    formats_.push_back(param.kind() == Param::Kind::kInt ? 0 : kBinary);
  }

  absl::InlinedVector<std::string, 12> numbers_;
  absl::InlinedVector<const char*, 12> values_;
  absl::InlinedVector<int, 12> lengths_;
  absl::InlinedVector<int, 12> formats_;
};

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(
    const std::vector<PostgresParameters>& addresses, const Limit& limit) {
  std::string failures;
  for (const PostgresParameters& parameters : addresses) {
    std::vector<const char*> keywords, values;
    for (const auto& [keyword, value] : parameters) {
      keywords.push_back(keyword.c_str());
      values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    std::unique_ptr<PostgresConnection> connection(new PostgresConnection(
        PQconnectStartParams(keywords.data(), values.data(), 1)));
    RETURN_IF_ERROR(connection->Connect(limit));
    if (!connection->lost()) return connection;
    absl::StrAppend(&failures, PQerrorMessage(connection->handle()));
  }
  return ConnectionFailure(failures).status;
}

// An address that does not answer is lost, which is no failure of Open's yet.
absl::Status PostgresConnection::Connect(const Limit& limit) {
  const absl::Time until = absl::Now() + kConnectMax;
  PostgresPollingStatusType state = PQstatus(connection_) == CONNECTION_BAD
                                        ? PGRES_POLLING_FAILED
                                        : PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    RETURN_IF_ERROR(WaitForSocket(connection_, events, until, limit));
    if (absl::Now() >= until) break;
    state = PQconnectPoll(connection_);
  }
  lost_ = state != PGRES_POLLING_OK || PQsetnonblocking(connection_, 1) != 0 ||
          PQenterPipelineMode(connection_) == 0;
  PQsetNoticeProcessor(connection_, LogNotice, nullptr);
  return absl::OkStatus();
}

void PostgresConnection::Begin(PostgresMode mode, const Limit& limit) {
  mode_ = mode;
  limit_ = limit;
  began_ = false;
  in_doubt_ = false;
  remedy_ = PostgresRemedy::kNone;
}

absl::StatusOr<PostgresResult> PostgresConnection::Run(const char* sql,
                                                       Params params,
                                                       bool locking) {
  const absl::Status limit = CheckLimit(limit_);
  if (!limit.ok()) return Fail({PostgresRemedy::kNone, limit});
  if (!QueueBegin() || !Queue(sql, params, locking)) {
    return Lose(ConnectionFailure(PQerrorMessage(connection_)));
  }
  ASSIGN_OR_RETURN(PostgresResult result, Exchange(sql));
  if (!result.IsReadable()) {
    return Fail(QueryDefect("a column must be cast to BIGINT or TEXT", sql));
  }
  return result;
}

absl::Status PostgresConnection::Commit() {
  const absl::Status limit = CheckLimit(limit_);
  if (!limit.ok()) return Fail({PostgresRemedy::kNone, limit});
  // What has gone already, has gone without a COMMIT.
  if (!IsAlive()) return Lose(ConnectionFailure("gone before COMMIT"));
  // From here on, the answer is worth more than the caller's hurry.
  limit_.cancelled = nullptr;
  in_doubt_ = true;
  began_ = false;
  if (!Queue(kCommit, {})) {
    return Lose(ConnectionFailure(PQerrorMessage(connection_)));
  }
  const absl::StatusOr<PostgresResult> result = Exchange(kCommit);
  in_doubt_ = lost_;
  if (!result.ok()) return result.status();
  // It says so when it had to roll back instead.
  if (absl::string_view(PQcmdStatus(result->rows.get())) != kCommit) {
    return Fail(QueryDefect("COMMIT rolled back", kCommit));
  }
  return absl::OkStatus();
}

void PostgresConnection::End(const char* end) {
  if (!began_ || lost_) return;
  began_ = false;
  lost_ = !Queue(end, {}) || !Send();
}

absl::Status PostgresConnection::Script(const std::string& sql) {
  Begin(PostgresMode::kAutocommit, {});
  RETURN_IF_ERROR(Drain(0));
  const std::string text = absl::StrCat(
      "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '", kLockMax,
      "';\n", sql);
  if (PQexitPipelineMode(connection_) == 0 ||
      PQsetnonblocking(connection_, 0) != 0) {
    return Lose(ConnectionFailure(PQerrorMessage(connection_)));
  }
  const PostgresResult result{
      decltype(PostgresResult::rows)(PQexec(connection_, text.c_str()))};
  in_doubt_ = PQstatus(connection_) != CONNECTION_OK;
  lost_ = PQsetnonblocking(connection_, 1) != 0 ||
          PQenterPipelineMode(connection_) == 0;
  const ExecStatusType state = PQresultStatus(result.rows.get());
  return state == PGRES_COMMAND_OK || state == PGRES_TUPLES_OK
             ? absl::OkStatus()
             : FailOf(result, sql);
}

bool PostgresConnection::IsAlive() {
  pollfd socket = {.fd = PQsocket(connection_), .events = POLLIN};
  // A farewell and the end of the stream come one after the other.
  while (!lost_ && poll(&socket, 1, 0) > 0) {
    lost_ = PQconsumeInput(connection_) == 0;
  }
  return !lost_;
}

PostgresConnection::Statement& PostgresConnection::Find(const char* sql,
                                                        bool locking) {
  std::unique_ptr<Statement>& kept = statements_[{sql, locking}];
  const absl::string_view suffix = locking ? " FOR UPDATE" : "";
  const absl::string_view text = sql;
  if (kept == nullptr || kept->sql.size() != text.size() + suffix.size() ||
      kept->sql.compare(0, text.size(), sql) != 0) {
    kept = std::make_unique<Statement>();
    kept->sql = absl::StrCat(text, suffix);
    kept->name = absl::StrCat("s", ++statements_made_);
  }
  return *kept;
}

bool PostgresConnection::Queue(const char* sql, Params params, bool locking) {
  const Arguments arguments(params);
  Statement& statement = Find(sql, locking);
  if (statements_made_ > kStatementsMax && !statement.prepared) {
    const std::string text = statement.sql;
    statements_.erase({sql, locking});
    queued_.push_back(nullptr);
    return PQsendQueryParams(connection_, text.c_str(), arguments.count(),
                             nullptr, arguments.values(), arguments.lengths(),
                             arguments.formats(), kBinary) != 0;
  }
  if (!statement.prepared) {
    queued_.push_back(&statement);
    if (PQsendPrepare(connection_, statement.name.c_str(),
                      statement.sql.c_str(), 0, nullptr) == 0) {
      return false;
    }
  }
  queued_.push_back(nullptr);
  return PQsendQueryPrepared(connection_, statement.name.c_str(),
                             arguments.count(), arguments.values(),
                             arguments.lengths(), arguments.formats(),
                             kBinary) != 0;
}

bool PostgresConnection::QueueBegin() {
  if (began_ || mode_ == PostgresMode::kAutocommit) return true;
  began_ = true;
  const bool reads = mode_ == PostgresMode::kRead;
  if (!Queue(reads ? kBeginRead : kBeginWrite, {})) return false;
  // The session's own limit serves all who have no more time than that.
  const absl::Duration left = limit_.deadline - absl::Now();
  if (left == absl::InfiniteDuration() || left <= kStatementMax) return true;
  const std::string ms = absl::StrCat(absl::ToInt64Milliseconds(left));
  return Queue(kSetTimeout, {ms});
}

bool PostgresConnection::Send() {
  unread_.push_back(std::exchange(queued_, {}));
  return PQpipelineSync(connection_) != 0 && PQflush(connection_) >= 0;
}

absl::StatusOr<PostgresResult> PostgresConnection::Exchange(
    absl::string_view sql) {
  if (!Send()) return Lose(ConnectionFailure(PQerrorMessage(connection_)));
  RETURN_IF_ERROR(Drain(1));
  return ReadAnswers(sql);
}

absl::Status PostgresConnection::Drain(size_t but) {
  while (unread_.size() > but) {
    const absl::Status status = ReadAnswers("end of a transaction").status();
    if (lost_) return status;
  }
  remedy_ = PostgresRemedy::kNone;
  return absl::OkStatus();
}

// After a failure the server skips the rest up to the Sync, and so does this.
absl::StatusOr<PostgresResult> PostgresConnection::ReadAnswers(
    absl::string_view sql) {
  const std::vector<Statement*> commands = std::move(unread_.front());
  unread_.pop_front();
  PostgresResult last;
  absl::Status status;
  for (Statement* prepared : commands) {
    while (true) {
      ASSIGN_OR_RETURN(PostgresResult result, NextResult());
      if (result.rows == nullptr) break;
      const ExecStatusType state = PQresultStatus(result.rows.get());
      if (state == PGRES_FATAL_ERROR) status = FailOf(result, sql);
      if (lost_) return status;
      if (prepared != nullptr) prepared->prepared = state == PGRES_COMMAND_OK;
      last = std::move(result);
    }
  }
  ASSIGN_OR_RETURN(const PostgresResult sync, NextResult());
  if (PQresultStatus(sync.rows.get()) != PGRES_PIPELINE_SYNC) {
    return Lose(ConnectionFailure("out of step"));
  }
  if (!status.ok()) return status;
  return last;
}

absl::StatusOr<PostgresResult> PostgresConnection::NextResult() {
  RETURN_IF_ERROR(WaitForAnswer());
  return PostgresResult{
      decltype(PostgresResult::rows)(PQgetResult(connection_))};
}

absl::Status PostgresConnection::WaitForAnswer() {
  const bool endless = limit_.deadline == absl::InfiniteFuture();
  const absl::Time until =
      endless ? absl::Now() + kStatementMax + kGrace : absl::InfiniteFuture();
  while (true) {
    const int unsent = PQflush(connection_);
    if (unsent < 0) break;
    if (PQisBusy(connection_) == 0) return absl::OkStatus();
    const short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
    const absl::Status limit =
        WaitForSocket(connection_, events, until, limit_);
    if (!limit.ok()) return Lose({PostgresRemedy::kNone, limit});
    if (absl::Now() >= until) {
      return Lose({PostgresRemedy::kNone,
                   ConnectionFailure("the server does not answer").status});
    }
    if (PQconsumeInput(connection_) == 0) break;
  }
  return Lose(ConnectionFailure(PQerrorMessage(connection_)));
}

absl::Status PostgresConnection::Fail(PostgresFailure failure) {
  remedy_ = failure.remedy;
  if (remedy_ == PostgresRemedy::kReconnect) lost_ = true;
  return std::move(failure.status);
}

absl::Status PostgresConnection::Lose(PostgresFailure failure) {
  lost_ = true;
  return Fail(std::move(failure));
}

absl::Status PostgresConnection::FailOf(const PostgresResult& result,
                                        absl::string_view sql) {
  const char* sqlstate =
      PQresultErrorField(result.rows.get(), PG_DIAG_SQLSTATE);
  const char* message =
      PQresultErrorField(result.rows.get(), PG_DIAG_MESSAGE_PRIMARY);
  // libpq's own, about a connection that broke.
  if (sqlstate == nullptr || message == nullptr) {
    return Lose(ConnectionFailure(PQerrorMessage(connection_)));
  }
  // Of a writer, it says that the server is a primary no longer.
  if (mode_ == PostgresMode::kRead && absl::string_view(sqlstate) == "25006") {
    return Fail(QueryDefect("a reader must not write", sql));
  }
  return Fail(FailureOf(sqlstate, message, sql));
}

}  // namespace praxis::sql
