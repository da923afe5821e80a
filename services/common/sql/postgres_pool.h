// The connections of one database.
#ifndef SERVICES_COMMON_SQL_POSTGRES_POOL_H_
#define SERVICES_COMMON_SQL_POSTGRES_POOL_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/sql/postgres_connection.h"

namespace praxis::sql {

// Opens connections when they are needed and keeps those that are whole; the
// one used last is given out first, whose caches are warm. Thread-safe.
class PostgresPool {
 public:
  PostgresPool(std::vector<PostgresParameters> addresses, int connections,
               int waiting_max);

  // The right to use a connection, which goes back when this goes.
  class Lease {
   public:
    explicit Lease(PostgresPool& pool) : pool_(&pool) {}
    ~Lease() {
      if (pool_ != nullptr) pool_->GiveBack(std::move(connection_));
    }
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;

    PostgresConnection& operator*() const { return *connection_; }

   private:
    friend PostgresPool;

    PostgresPool* pool_;
    std::unique_ptr<PostgresConnection> connection_;
  };

  // Waits for one until `limit` is over, five seconds at the most; OVERLOADED
  // after that, or when too many wait.
  absl::StatusOr<Lease> Take(const Limit& limit);

  // Opens one that does not count, for the listener.
  absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const Limit& limit) {
    return PostgresConnection::Open(addresses_, limit);
  }

 private:
  // Waits until one may be taken; an idle one or null.
  absl::StatusOr<Lease> TakePlace(const Limit& limit);
  void GiveBack(std::unique_ptr<PostgresConnection> connection);

  const std::vector<PostgresParameters> addresses_;
  const int waiting_max_;

  std::mutex mutex_;
  std::condition_variable freed_;
  // How many may still be taken, and those of them that are open.
  int places_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  int waiting_ = 0;
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_POSTGRES_POOL_H_
