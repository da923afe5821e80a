#include "services/common/redis/pool.h"

#include "absl/status/status.h"
#include "services/common/redis/clock.h"

namespace praxis::redis {

Pool::Lease::~Lease() {
  if (pool_ == nullptr) return;
  if (!kept_) connection_.reset();
  pool_->GiveBack(std::move(connection_));
}

absl::StatusOr<Pool::Lease> Pool::Take(absl::Duration timeout) {
  const absl::Duration deadline = MonotonicNow() + timeout;
  {
    absl::MutexLock lock(&mutex_);
    while (true) {
      while (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        // A server that was restarted has closed it.
        if (connection->IsIdle()) return Lease(*this, std::move(connection));
        --connections_;
      }
      if (connections_ < connections_max_) break;
      if (freed_.WaitWithTimeout(&mutex_, deadline - MonotonicNow()) &&
          MonotonicNow() >= deadline) {
        return absl::ResourceExhaustedError("every connection is in use");
      }
    }
    ++connections_;
  }
  absl::StatusOr<std::unique_ptr<Connection>> opened = connector_.Open();
  if (!opened.ok()) {
    GiveBack(nullptr);
    return std::move(opened).status();
  }
  return Lease(*this, *std::move(opened));
}

void Pool::Clear() {
  std::vector<std::unique_ptr<Connection>> idle;
  absl::MutexLock lock(&mutex_);
  idle.swap(idle_);
  connections_ -= static_cast<int>(idle.size());
  freed_.SignalAll();
}

void Pool::GiveBack(std::unique_ptr<Connection> connection) {
  absl::MutexLock lock(&mutex_);
  if (connection != nullptr) {
    idle_.push_back(std::move(connection));
  } else {
    --connections_;
  }
  freed_.Signal();
}

}  // namespace praxis::redis
