#include "services/common/sql/sqlite_connection.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::sql {
namespace {

// Statements kept per connection. Far above what a service has; it bounds the
// memory of a caller who breaks the rule and makes up SQL.
constexpr size_t kStatementsMax = 512;

// A page of the file is read from the mapping, not copied by a system call:
// a point read takes 1.6 us instead of 3.6. Larger files are read by copying
// beyond it.
constexpr char kMapBytes[] = "PRAGMA mmap_size = 1073741824";

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  bool IsNull(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  int64_t Int(int column) const override {
    return sqlite3_column_int64(statement_, column);
  }
  // As a blob: the same bytes as the text, without ending them with a NUL.
  absl::string_view Text(int column) const override {
    const void* bytes = sqlite3_column_blob(statement_, column);
    return {static_cast<const char*>(bytes),
            static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3_stmt* statement_;
};

// The bytes are not copied: they outlive the statement's run (see Param).
int BindOne(sqlite3_stmt* statement, int slot, const Param& param) {
  const absl::string_view bytes = param.bytes();
  // A null pointer would bind NULL, not "".
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  switch (param.kind()) {
    case Param::Kind::kNull:
      return sqlite3_bind_null(statement, slot);
    case Param::Kind::kInt:
      return sqlite3_bind_int64(statement, slot, param.number());
    case Param::Kind::kText:
      return sqlite3_bind_text64(statement, slot, data, bytes.size(),
                                 SQLITE_STATIC, SQLITE_UTF8);
    case Param::Kind::kBlob:
      return sqlite3_bind_blob64(statement, slot, data, bytes.size(),
                                 SQLITE_STATIC);
  }
  return SQLITE_MISUSE;
}

// Lets go of global counters, whose mutex every allocation would take.
void ConfigureLibraryOnce() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

absl::Status Defect(const char* what, const char* sql) {
  spdlog::error("sqlite: {}: {:.200}", what, sql);
  return Error(errors::v1::INTERNAL,
               "A query of the service is wrong; its log says more.");
}

}  // namespace

// A statement in use; reset when it goes. One that is asked for while in use
// (a query within its own row callback) is prepared a second time, for once.
class SqliteConnection::Lease {
 public:
  explicit Lease(Statement* kept) : statement_(kept) { kept->busy = true; }
  explicit Lease(std::unique_ptr<Statement> once)
      : statement_(once.get()), once_(std::move(once)) {}
  ~Lease() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_->handle);
    statement_->busy = false;
  }
  Lease(Lease&& other) noexcept
      : statement_(std::exchange(other.statement_, nullptr)),
        once_(std::move(other.once_)) {}
  Lease& operator=(Lease&&) = delete;

  Statement* operator->() const { return statement_; }

 private:
  Statement* statement_;
  std::unique_ptr<Statement> once_;
};

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(
    const std::string& path, SqliteMode mode) {
  ConfigureLibraryOnce();
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &db,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      "unix-excl");
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(db, mode));
  if (code != SQLITE_OK) return connection->Failure(code, "open");
  RETURN_IF_ERROR(connection->Configure());
  return connection;
}

absl::Status SqliteConnection::Configure() {
  sqlite3_busy_timeout(db_, 5000);
  // Only the writer checkpoints, by itself.
  sqlite3_wal_autocheckpoint(db_, 0);
  if (mode_ == SqliteMode::kRead) {
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  // "x" is a column, never a string, as in PostgreSQL.
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  for (const char* pragma : {
           "PRAGMA synchronous = FULL",
           "PRAGMA foreign_keys = ON",
           "PRAGMA case_sensitive_like = ON",
           "PRAGMA temp_store = MEMORY",
           kMapBytes,
       }) {
    RETURN_IF_ERROR(Script(pragma));
  }
  // In KiB. A reader drops its pages with every commit, so more would not help
  // it; the writer's stay good.
  return Script(mode_ == SqliteMode::kRead ? "PRAGMA cache_size = -1024"
                                           : "PRAGMA cache_size = -8192");
}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  sqlite3_close(db_);
}

void SqliteConnection::StopAt(const Limit* limit) {
  // Looked at after so many steps of SQLite's machine, some 50 us.
  constexpr int kSteps = 5000;
  const bool is_limited =
      limit != nullptr && (limit->deadline != absl::InfiniteFuture() ||
                           limit->cancelled != nullptr);
  sqlite3_progress_handler(
      db_, is_limited ? kSteps : 0,
      is_limited ? [](void* it) {
        return CheckLimit(*static_cast<const Limit*>(it)).ok() ? 0 : 1;
      } : static_cast<int (*)(void*)>(nullptr),
      const_cast<Limit*>(limit));
}

absl::Status SqliteConnection::Query(const char* sql, Params params,
                                     RowCallback row) {
  ASSIGN_OR_RETURN(const Lease statement, Start(sql, params));
  const SqliteRow current(statement->handle);
  int code;
  while ((code = sqlite3_step(statement->handle)) == SQLITE_ROW) {
    RETURN_IF_ERROR(row(current));
  }
  return code == SQLITE_DONE ? absl::OkStatus() : Failure(code, sql);
}

absl::StatusOr<int64_t> SqliteConnection::Execute(const char* sql,
                                                  Params params) {
  RETURN_IF_ERROR(
      Query(sql, params, [](const Row&) { return absl::OkStatus(); }));
  return sqlite3_changes64(db_);
}

absl::Status SqliteConnection::Run(const char* sql) {
  return Query(sql, {}, [](const Row&) { return absl::OkStatus(); });
}

absl::Status SqliteConnection::Script(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Failure(code, sql.c_str());
}

absl::StatusOr<bool> SqliteConnection::Writes(const char* sql) {
  ASSIGN_OR_RETURN(const Lease statement, Take(sql));
  return statement->writes;
}

absl::StatusOr<SqliteConnection::Lease> SqliteConnection::Start(const char* sql,
                                                                Params params) {
  ASSIGN_OR_RETURN(Lease statement, Take(sql));
  if (statement->writes && mode_ == SqliteMode::kRead) {
    return Defect("a reader must not write", sql);
  }
  if (params.size() != statement->slots.size()) {
    return Defect("wrong number of parameters", sql);
  }
  const int* slot = statement->slots.data();
  for (const Param& param : params) {
    const int code = BindOne(statement->handle, *slot++, param);
    if (code != SQLITE_OK) return Failure(code, sql);
  }
  return statement;
}

absl::StatusOr<SqliteConnection::Lease> SqliteConnection::Take(
    const char* sql) {
  auto kept = statements_.find(sql);
  if (kept != statements_.end()) {
    Statement* statement = kept->second.get();
    const bool same = std::strcmp(sqlite3_sql(statement->handle), sql) == 0;
    if (same && !statement->busy) return Lease(statement);
    if (!same && !statement->busy) statements_.erase(kept);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Statement> fresh, Prepare(sql));
  if (statements_.size() >= kStatementsMax || statements_.contains(sql)) {
    return Lease(std::move(fresh));
  }
  return Lease((statements_[sql] = std::move(fresh)).get());
}

absl::StatusOr<std::unique_ptr<SqliteConnection::Statement>>
SqliteConnection::Prepare(const char* sql) {
  auto statement = std::make_unique<Statement>();
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                      &statement->handle, &rest);
  if (code != SQLITE_OK) return Failure(code, sql);
  if (statement->handle == nullptr ||
      !absl::StripAsciiWhitespace(rest).empty()) {
    return Defect("not exactly one statement", sql);
  }
  statement->writes = sqlite3_stmt_readonly(statement->handle) == 0;

  const int count = sqlite3_bind_parameter_count(statement->handle);
  statement->slots.assign(count, 0);
  for (int slot = 1; slot <= count; ++slot) {
    const char* name = sqlite3_bind_parameter_name(statement->handle, slot);
    int number = 0;
    if (name == nullptr || name[0] != '$' ||
        !absl::SimpleAtoi(name + 1, &number) || number < 1 || number > count) {
      return Defect("parameters are not $1 to $n", sql);
    }
    statement->slots[number - 1] = slot;
  }
  return statement;
}

absl::Status SqliteConnection::Failure(int code, const char* sql) const {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Error(errors::v1::NAME_TAKEN,
                   "This name is taken already; choose another.");
    case SQLITE_INTERRUPT:
      return Error(errors::v1::CANCELLED, "The query was stopped.");
  }
  spdlog::error("sqlite: {} ({}): {:.200}", sqlite3_errmsg(db_), code, sql);
  switch (code & 0xff) {
    // What only a change of the code can mend.
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      return Error(errors::v1::INTERNAL,
                   "A query of the service is wrong; its log says more.");
    default:
      return Error(errors::v1::STORAGE_UNAVAILABLE,
                   "Storage failed and nothing was written; try again later.");
  }
}

}  // namespace praxis::sql
