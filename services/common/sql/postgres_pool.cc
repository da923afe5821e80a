#include "services/common/sql/postgres_pool.h"

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"
#include "services/common/status/status.h"

namespace praxis::sql {
namespace {

constexpr absl::Duration kWaitMax = absl::Seconds(5);
constexpr absl::Duration kGlance = absl::Milliseconds(50);

absl::Status Overloaded() {
  return RetryAfter(Error(errors::v1::OVERLOADED,
                          "Too much waits for storage; try again in a moment."),
                    absl::Seconds(1));
}

}  // namespace

PostgresPool::PostgresPool(std::vector<PostgresParameters> addresses,
                           int connections, int waiting_max)
    : addresses_(std::move(addresses)),
      waiting_max_(waiting_max),
      places_(std::max(connections, 1)) {}

absl::StatusOr<PostgresPool::Lease> PostgresPool::Take(const Limit& limit) {
  RETURN_IF_ERROR(CheckLimit(limit));
  ASSIGN_OR_RETURN(Lease lease, TakePlace(limit));
  if (lease.connection_ == nullptr || !lease.connection_->IsAlive()) {
    ASSIGN_OR_RETURN(lease.connection_, Open(limit));
  }
  return lease;
}

absl::StatusOr<PostgresPool::Lease> PostgresPool::TakePlace(
    const Limit& limit) {
  const absl::Time until = std::min(limit.deadline, absl::Now() + kWaitMax);
  std::unique_lock<std::mutex> lock(mutex_);
  if (places_ == 0 && waiting_ >= waiting_max_) return Overloaded();
  ++waiting_;
  absl::Status status;
  while (places_ == 0) {
    absl::Duration wait = until - absl::Now();
    if (limit.cancelled != nullptr) wait = std::min(wait, kGlance);
    freed_.wait_for(lock, absl::ToChronoNanoseconds(wait));
    status = CheckLimit(limit);
    if (status.ok() && absl::Now() >= until) status = Overloaded();
    if (!status.ok()) break;
  }
  --waiting_;
  if (places_ == 0) return status;
  --places_;
  Lease lease(*this);
  if (!idle_.empty()) {
    lease.connection_ = std::move(idle_.back());
    idle_.pop_back();
  }
  return lease;
}

void PostgresPool::GiveBack(std::unique_ptr<PostgresConnection> connection) {
  // Closed outside the lock.
  if (connection != nullptr && connection->lost()) connection.reset();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++places_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

}  // namespace praxis::sql
