#include "services/common/sql/sqlite.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/sql/sqlite_connection.h"
#include "services/common/sql/sqlite_file.h"
#include "services/common/sql/sqlite_readers.h"
#include "services/common/sql/sqlite_writer.h"
#include "services/common/status/status.h"

namespace praxis::sql {
namespace {

// "prax" in ASCII: PRAGMA application_id of our files.
constexpr int64_t kApplicationId = 0x70726178;
// PRAGMA user_version: how this driver lays out a file.
constexpr int64_t kFormat = 1;

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::unique_ptr<SqliteFile> file,
                 std::unique_ptr<SqliteConnection> connection,
                 const SqliteOptions& options)
      : file_(std::move(file)),
        writer_(std::move(connection),
                {.queue_max = options.queue_max,
                 .group_max = options.group_max,
                 .on_disk_failure = options.on_disk_failure}),
        readers_(file_->path(), options.readers) {}

  using Database::Read;
  using Database::Write;
  absl::Status Read(absl::FunctionRef<absl::Status(Reader&)> body,
                    const Limit& limit) override {
    return readers_.Read(body, limit);
  }
  absl::Status Write(absl::FunctionRef<absl::Status(Tx&)> body,
                     const WriteOptions&) override {
    return writer_.Write(body);
  }
  absl::Status Script(const std::string& sql) override {
    return writer_.Script(sql);
  }
  void OnCommit(std::function<void()> callback) override {
    writer_.OnCommit(std::move(callback));
  }
  absl::Status Check() override {
    RETURN_IF_ERROR(writer_.Check());
    return Read([](Reader& reader) {
      return reader.Query("SELECT count(*) FROM sqlite_schema", {},
                          [](const Row&) { return absl::OkStatus(); });
    });
  }
  Dialect dialect() const override { return Dialect::kSqlite; }

 private:
  // In this order: the writer's connection is closed last and so checkpoints,
  // and the file is given up after that.
  const std::unique_ptr<SqliteFile> file_;
  SqliteWriter writer_;
  SqliteReaders readers_;
};

absl::StatusOr<int64_t> Number(SqliteConnection& connection, const char* sql) {
  int64_t number = 0;
  RETURN_IF_ERROR(connection.Query(sql, {}, [&](const Row& row) {
    number = row.Int(0);
    return absl::OkStatus();
  }));
  return number;
}

// Marks a new file as ours; refuses one that is another program's or that a
// newer build has laid out.
absl::Status Claim(SqliteConnection& connection) {
  ASSIGN_OR_RETURN(const int64_t id,
                   Number(connection, "PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t format,
                   Number(connection, "PRAGMA user_version"));
  ASSIGN_OR_RETURN(const int64_t tables,
                   Number(connection, "SELECT count(*) FROM sqlite_schema"));
  if (id == 0 && format == 0 && tables == 0) {
    return connection.Script(
        absl::StrCat("PRAGMA application_id = ", kApplicationId,
                     "; PRAGMA user_version = ", kFormat));
  }
  if (id != kApplicationId) {
    return Error(errors::v1::STORAGE_UNAVAILABLE,
                 "The database file belongs to another program; name another.");
  }
  if (format > kFormat) {
    return Error(errors::v1::STORAGE_UNAVAILABLE,
                 "The database file was written by a newer version; use that.");
  }
  return absl::OkStatus();
}

absl::Status TurnOnWal(SqliteConnection& connection) {
  std::string mode;
  RETURN_IF_ERROR(
      connection.Query("PRAGMA journal_mode = WAL", {}, [&](const Row& row) {
        mode = row.String(0);
        return absl::OkStatus();
      }));
  if (mode != "wal") {
    return Error(errors::v1::STORAGE_UNAVAILABLE,
                 "The database file cannot use a write-ahead log here.");
  }
  // What a crash has left in the WAL goes where it belongs, while nobody reads.
  const int code =
      sqlite3_wal_checkpoint_v2(connection.handle(), nullptr,
                                SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) {
    return Error(errors::v1::STORAGE_UNAVAILABLE,
                 "The database's write-ahead log cannot be brought home.");
  }
  // A WAL that had to grow shrinks again when it starts over.
  return connection.Script("PRAGMA journal_size_limit = 67108864");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(
    const SqliteOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteFile> file,
                   SqliteFile::Take(options.path));
  ASSIGN_OR_RETURN(
      std::unique_ptr<SqliteConnection> connection,
      SqliteConnection::Open(file->path(), SqliteMode::kReadWrite));
  RETURN_IF_ERROR(Claim(*connection));
  RETURN_IF_ERROR(TurnOnWal(*connection));
  return std::make_unique<SqliteDatabase>(std::move(file),
                                          std::move(connection), options);
}

}  // namespace praxis::sql
