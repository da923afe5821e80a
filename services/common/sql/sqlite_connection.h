// One connection to an SQLite database and the statements prepared on it.
#ifndef SERVICES_COMMON_SQL_SQLITE_CONNECTION_H_
#define SERVICES_COMMON_SQL_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/sql/database.h"

namespace praxis::sql {

// Whether a connection may change the database.
enum class SqliteMode { kRead, kReadWrite };

// One connection. Not thread-safe: who holds it, uses it alone.
class SqliteConnection {
 public:
  // Opens `path`, which SqliteFile has taken: the VFS unix-excl keeps the locks
  // and the WAL index in this process, so that a read costs no system call.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(
      const std::string& path, SqliteMode mode);

  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // As Reader::Query and Tx::Execute.
  absl::Status Query(const char* sql, Params params, RowCallback row);
  absl::StatusOr<int64_t> Execute(const char* sql, Params params);

  // Runs a literal without parameters, such as "BEGIN".
  absl::Status Run(const char* sql);

  // Runs several statements; the first failure ends it.
  absl::Status Script(const std::string& sql);

  // From here on statements stop (SQLITE_INTERRUPT) when `limit` is over; null:
  // they run to their end. It must live until it is replaced.
  void StopAt(const Limit* limit);

  // Whether the statement may change the database.
  absl::StatusOr<bool> Writes(const char* sql);

  // False once SQLite itself has rolled back, as it does when the disk is full.
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

  // The last result code, extended.
  int last_code() const { return sqlite3_extended_errcode(db_); }

  sqlite3* handle() { return db_; }

 private:
  // One prepared statement.
  struct Statement {
    ~Statement() { sqlite3_finalize(handle); }

    sqlite3_stmt* handle = nullptr;
    // slots[i] is SQLite's own number of parameter $(i+1).
    std::vector<int> slots;
    bool writes = false;
    bool busy = false;
  };
  class Lease;

  SqliteConnection(sqlite3* db, SqliteMode mode) : db_(db), mode_(mode) {}

  absl::Status Configure();
  // Finds the statement prepared for `sql` or prepares it.
  absl::StatusOr<Lease> Take(const char* sql);
  absl::StatusOr<std::unique_ptr<Statement>> Prepare(const char* sql);
  absl::StatusOr<Lease> Start(const char* sql, Params params);
  // Logs what SQLite says about `code` and answers what callers may know.
  absl::Status Failure(int code, const char* sql) const;

  sqlite3* const db_;
  const SqliteMode mode_;
  // By the address of the SQL, and its text compared: an address that was
  // given to other text meanwhile is found out.
  absl::flat_hash_map<const char*, std::unique_ptr<Statement>> statements_;
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_SQLITE_CONNECTION_H_
