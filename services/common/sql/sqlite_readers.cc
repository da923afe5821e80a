#include "services/common/sql/sqlite_readers.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "services/common/status/status.h"

namespace praxis::sql {
namespace {

// How often who waits for a connection looks whether it is still wanted.
constexpr std::chrono::milliseconds kLookAtLimit(50);

class SqliteReader final : public Reader {
 public:
  explicit SqliteReader(SqliteConnection& connection)
      : connection_(connection) {}

  absl::Status Query(const char* sql, Params params, RowCallback row) override {
    return connection_.Query(sql, params, row);
  }
  Dialect dialect() const override { return Dialect::kSqlite; }

 private:
  SqliteConnection& connection_;
};

size_t ThreadNumber() {
  static std::atomic<size_t> next{0};
  thread_local const size_t number = next.fetch_add(1);
  return number;
}

}  // namespace

// A slot that is given back when this goes.
class SqliteReaders::Lease {
 public:
  Lease(SqliteReaders& readers, const Limit& limit)
      : readers_(readers), slot_(readers.Take(limit)) {}
  ~Lease() {
    if (taken()) readers_.GiveBack(slot_);
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // False when the limit was over before one was free.
  bool taken() const { return slot_ != nullptr; }
  std::unique_ptr<SqliteConnection>& connection() { return slot_->connection; }

 private:
  SqliteReaders& readers_;
  Slot* const slot_;
};

SqliteReaders::SqliteReaders(std::string path, int count)
    : path_(std::move(path)), slots_(std::max(count, 1)) {}

absl::Status SqliteReaders::Read(absl::FunctionRef<absl::Status(Reader&)> body,
                                 const Limit& limit) {
  Lease lease(*this, limit);
  if (!lease.taken()) return CheckLimit(limit);
  std::unique_ptr<SqliteConnection>& connection = lease.connection();
  if (connection == nullptr) {
    ASSIGN_OR_RETURN(connection,
                     SqliteConnection::Open(path_, SqliteMode::kRead));
  }
  // BEGIN and COMMIT together cost 0.15 us of a point read's 1.6: a read of a
  // single query needs no way of its own. The snapshot is that of the first
  // query.
  RETURN_IF_ERROR(connection->Run("BEGIN"));
  SqliteReader reader(*connection);
  connection->StopAt(&limit);
  absl::Status status = body(reader);
  connection->StopAt(nullptr);
  // A query that was stopped failed for no other reason.
  if (!status.ok()) {
    const absl::Status over = CheckLimit(limit);
    if (!over.ok()) status = over;
  }
  const absl::Status end = connection->Run("COMMIT");
  // A connection that cannot end its transaction must not serve the next one.
  if (!end.ok()) connection.reset();
  return status.ok() ? end : status;
}

SqliteReaders::Slot* SqliteReaders::TryTake() {
  const size_t home = ThreadNumber();
  for (size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[(home + i) % slots_.size()];
    if (!slot.busy.load() && !slot.busy.exchange(true)) return &slot;
  }
  return nullptr;
}

SqliteReaders::Slot* SqliteReaders::Take(const Limit& limit) {
  Slot* slot = TryTake();
  if (slot != nullptr) return slot;
  std::unique_lock<std::mutex> lock(mutex_);
  waiting_.fetch_add(1);
  while ((slot = TryTake()) == nullptr && CheckLimit(limit).ok()) {
    freed_.wait_for(lock, kLookAtLimit);
  }
  waiting_.fetch_sub(1);
  return slot;
}

// Sequentially consistent with Take: either this sees that someone waits, or
// who is about to wait sees the free slot.
void SqliteReaders::GiveBack(Slot* slot) {
  slot->busy.store(false);
  if (waiting_.load() == 0) return;
  { std::lock_guard<std::mutex> lock(mutex_); }
  freed_.notify_one();
}

}  // namespace praxis::sql
