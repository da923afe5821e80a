// Unsent: what answers hold whose clients are slow to take them.
#ifndef GATEWAY_HTTP_UNSENT_H_
#define GATEWAY_HTTP_UNSENT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace praxis::gateway {

class Connection;

// Of all connections of a server together, those that wait in the order of
// their waiting. Only answers that did not go out at once come here.
// Thread-safe.
class Unsent {
 public:
  // One that is to go. By its number a connection knows whether it still waits
  // on that answer, or has gone on to another.
  struct Victim {
    std::shared_ptr<Connection> connection;
    int64_t number;
  };

  explicit Unsent(int64_t bytes_max) : bytes_max_(bytes_max) {}

  // One more waits, with so many bytes. Answers its number, from 1. While that
  // is too much, those that have waited longest become victims, which may take
  // in this one. They are counted no more, so that nobody else takes them for
  // what is still to be freed.
  int64_t Add(const std::shared_ptr<Connection>& connection, int64_t bytes,
              std::vector<Victim>* victims) {
    absl::MutexLock lock(&mutex_);
    const int64_t number = ++last_number_;
    waiting_[number] = {connection, bytes};
    bytes_ += bytes;
    while (bytes_ > bytes_max_) {
      const auto longest = waiting_.begin();
      bytes_ -= longest->second.bytes;
      if (auto victim = longest->second.connection.lock()) {
        victims->push_back({std::move(victim), longest->first});
      }
      waiting_.erase(longest);
    }
    return number;
  }
  // Does nothing for one that became a victim.
  void Remove(int64_t number) {
    absl::MutexLock lock(&mutex_);
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return;
    bytes_ -= found->second.bytes;
    waiting_.erase(found);
  }

 private:
  struct Waiting {
    std::weak_ptr<Connection> connection;
    int64_t bytes;
  };

  const int64_t bytes_max_;
  absl::Mutex mutex_;
  // Of those in waiting_ together.
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_UNSENT_H_
