// Unsent: what answers hold whose clients are slow to take them.
#ifndef GATEWAY_HTTP_UNSENT_H_
#define GATEWAY_HTTP_UNSENT_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace praxis::gateway {

class Connection;

// Of all connections of a server together, those that wait in the order of
// their waiting. Only answers that did not go out at once come here.
// Thread-safe.
class Unsent {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Unsent(int64_t bytes_max) : bytes_max_(bytes_max) {}

  // One more waits, since `since`, with so many bytes. When that is too much,
  // answers the one that has waited longest, which may be this one.
  std::shared_ptr<Connection> Add(const std::shared_ptr<Connection>& connection,
                                  Time since, int64_t bytes) {
    absl::MutexLock lock(&mutex_);
    waiting_[{since, connection.get()}] = connection;
    bytes_ += bytes;
    return bytes_ > bytes_max_ ? waiting_.begin()->second.lock() : nullptr;
  }
  void Remove(const Connection* connection, Time since, int64_t bytes) {
    absl::MutexLock lock(&mutex_);
    waiting_.erase({since, connection});
    bytes_ -= bytes;
  }

 private:
  const int64_t bytes_max_;
  absl::Mutex mutex_;
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::pair<Time, const Connection*>, std::weak_ptr<Connection>>
      waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_UNSENT_H_
