// Pool: connections that are kept between calls.
#ifndef SERVICES_COMMON_REDIS_POOL_H_
#define SERVICES_COMMON_REDIS_POOL_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/redis/connection.h"
#include "services/common/redis/connector.h"

namespace praxis::redis {

// At most so many connections, opened when they are needed. Thread-safe.
class Pool {
 public:
  // `connector` must outlive this.
  Pool(Connector& connector, int connections_max)
      : connector_(connector), connections_max_(connections_max) {}

  // A connection for one caller at a time. It is closed in the end unless it
  // was said that it may be kept.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Connection* operator->() const { return connection_.get(); }
    // All replies have come: others may use it after this.
    void Keep() { kept_ = true; }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
    bool kept_ = false;
  };

  // Waits up to `timeout` for one that is free: kResourceExhausted. Failures to
  // open one are the connector's.
  absl::StatusOr<Lease> Take(absl::Duration timeout);

  // Closes those that lie idle.
  void Clear();

 private:
  void GiveBack(std::unique_ptr<Connection> connection);

  Connector& connector_;
  const int connections_max_;
  absl::Mutex mutex_;
  absl::CondVar freed_;
  // Idle or in use, or being opened.
  int connections_ ABSL_GUARDED_BY(mutex_) = 0;
  // Used last at the end, which is used next: the others may stay cold.
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::redis

#endif  // SERVICES_COMMON_REDIS_POOL_H_
