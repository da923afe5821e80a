// A small connection, statement and transaction API over two databases.
//
// SQL is written once and runs on both: parameters are $1, $2 ..., each used;
// times are int64 microseconds since 1970; no triggers, no sequences. Where the
// dialects must differ (full-text search) the store asks dialect().
#ifndef SERVICES_COMMON_SQL_DATABASE_H_
#define SERVICES_COMMON_SQL_DATABASE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace praxis::sql {

enum class Dialect { kSqlite, kPostgres };

// One statement parameter. It refers to the text it was made from, which must
// outlive the call.
class Param {
 public:
  enum class Kind { kNull, kInt, kText, kBlob };

  static Param Null() { return Param(Kind::kNull, 0, {}); }
  static Param Blob(absl::string_view bytes) {
    return Param(Kind::kBlob, 0, bytes);
  }
  // Integers, bools and enums alike.
  template <typename T, typename = std::enable_if_t<std::is_integral_v<T> ||
                                                    std::is_enum_v<T>>>
  Param(T value) : Param(Kind::kInt, static_cast<int64_t>(value), {}) {}
  Param(absl::Time time) : Param(Kind::kInt, absl::ToUnixMicros(time), {}) {}
  Param(absl::string_view text) : Param(Kind::kText, 0, text) {}
  Param(const std::string& text) : Param(Kind::kText, 0, text) {}
  Param(const char* text) : Param(Kind::kText, 0, text) {}

  Kind kind() const { return kind_; }
  int64_t number() const { return number_; }
  absl::string_view bytes() const { return bytes_; }

 private:
  Param(Kind kind, int64_t number, absl::string_view bytes)
      : kind_(kind), number_(number), bytes_(bytes) {}

  Kind kind_;
  int64_t number_;
  absl::string_view bytes_;
};

using Params = std::initializer_list<Param>;

// The current row of a result; columns count from 0. Views are good until the
// callback returns. NULL reads as 0 or "".
class Row {
 public:
  virtual ~Row() = default;
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int(int column) const = 0;
  // Text and blobs.
  virtual absl::string_view Text(int column) const = 0;

  bool Bool(int column) const { return Int(column) != 0; }
  absl::Time Time(int column) const {
    return absl::FromUnixMicros(Int(column));
  }
  std::string String(int column) const { return std::string(Text(column)); }
};

// Called for each row. Anything but OK ends the query and is its result.
using RowCallback = absl::FunctionRef<absl::Status(const Row&)>;

// A consistent view of the database: every query of one Read sees the same
// commits. Not thread-safe; lives as long as the callback it was passed to.
class Reader {
 public:
  virtual ~Reader() = default;

  // Runs one statement. `sql` must be a literal or live as long as the
  // database: prepared statements are kept by its address. Within `row` further
  // queries may run.
  virtual absl::Status Query(const char* sql, Params params,
                             RowCallback row) = 0;

  // The first row as `read` makes it; RESOURCE_NOT_FOUND with `missing` as its
  // message when there is none.
  template <typename Read>
  auto One(const char* sql, Params params, absl::string_view missing, Read read)
      -> absl::StatusOr<std::invoke_result_t<Read, const Row&>>;

  virtual Dialect dialect() const = 0;
};

// A transaction that may write. It sees one snapshot, and a row that it changes
// has not changed since (snapshot isolation). Rows that it only reads may
// change before it commits: a decision that rests on those reads them by Lock.
// After a statement has failed, every further one fails likewise and so does
// the transaction, whatever its body answers: PostgreSQL goes on no other way.
// Ask with ON CONFLICT where a clash is expected.
class Tx : public Reader {
 public:
  // Runs one statement; answers how many rows it changed.
  virtual absl::StatusOr<int64_t> Execute(const char* sql, Params params) = 0;

  // As Query, and nobody else changes the rows it finds until this transaction
  // has ended: two that lock the same rows run one after the other, and the
  // second begins anew if the first has changed one of them. What the first has
  // changed elsewhere the second may not see: a decision that rests on rows
  // which come and go writes the row that it locks. Lock first, and everywhere
  // in the same order, or two wait for each other until one is thrown out (a
  // second later). `sql` is a SELECT of rows of one table, without grouping.
  virtual absl::Status Lock(const char* sql, Params params,
                            RowCallback row) = 0;
};

// How long work is wanted: a driver gives up soon after the deadline has passed
// or the flag was set (DEADLINE_EXCEEDED, CANCELLED), and frees what it held.
struct Limit {
  absl::Time deadline = absl::InfiniteFuture();
  // May be null.
  std::shared_ptr<std::atomic<bool>> cancelled;
};

// DEADLINE_EXCEEDED or CANCELLED once `limit` is over, else OK.
absl::Status CheckLimit(const Limit& limit);

// How a write is to be run.
struct WriteOptions {
  Limit limit;
  // The body finds out by itself that it has run before (by a request_id, by a
  // position): it is run again when a commit's outcome is in doubt.
  bool repeatable = false;
};

// One service's database. Thread-safe.
class Database {
 public:
  virtual ~Database() = default;

  // Runs `body` on a snapshot, on the calling thread. It may run more than
  // once, each time on a new one, so it keeps its results in variables it sets
  // anew.
  virtual absl::Status Read(absl::FunctionRef<absl::Status(Reader&)> body,
                            const Limit& limit) = 0;
  absl::Status Read(absl::FunctionRef<absl::Status(Reader&)> body) {
    return Read(body, Limit());
  }

  // Runs `body` in a transaction and commits it iff the body answers OK; when
  // Write answers OK, the commit has reached the disk. The body may run more
  // than once, so it keeps its results in variables it sets anew each time.
  // It runs on whatever thread the driver likes, holds up every other write,
  // and must not write to the same database by any other way than its Tx.
  // Driver failures are STORAGE_UNAVAILABLE, and nothing was written;
  // COMMIT_IN_DOUBT says that it may have been, which a repeatable body is
  // spared. A broken unique key is NAME_TAKEN; SQL that does not fit its schema
  // is INTERNAL; when too many writes wait, it is OVERLOADED and nothing was
  // run.
  virtual absl::Status Write(absl::FunctionRef<absl::Status(Tx&)> body,
                             const WriteOptions& options) = 0;
  absl::Status Write(absl::FunctionRef<absl::Status(Tx&)> body) {
    return Write(body, WriteOptions());
  }

  // Runs a script of several statements in one transaction (migrations).
  virtual absl::Status Script(const std::string& sql) = 0;

  // Calls `callback` after each commit that changed something, on the thread
  // that committed, and soon after another process has committed to the same
  // database; also when that cannot be told, and on several threads at once. It
  // must be quick and must not use the database. Set once.
  virtual void OnCommit(std::function<void()> callback) = 0;

  // OK when the database answers.
  virtual absl::Status Check() = 0;

  virtual Dialect dialect() const = 0;
};

absl::Status NotFound(absl::string_view message);

// COMMIT_IN_DOUBT, as a driver answers it.
absl::Status CommitInDoubt();

template <typename Read>
auto Reader::One(const char* sql, Params params, absl::string_view missing,
                 Read read)
    -> absl::StatusOr<std::invoke_result_t<Read, const Row&>> {
  std::optional<std::invoke_result_t<Read, const Row&>> result;
  absl::Status status = Query(sql, params, [&](const Row& row) {
    if (!result.has_value()) result.emplace(read(row));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (!result.has_value()) return NotFound(missing);
  return *std::move(result);
}

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_DATABASE_H_
