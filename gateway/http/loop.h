// Loop: one thread that serves its share of the connections.
#ifndef GATEWAY_HTTP_LOOP_H_
#define GATEWAY_HTTP_LOOP_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace praxis::gateway {

class Connection;

// A thread, its event queue and its connections, which no other thread
// touches. Time limits are looked after by one tick for all of them: a timer a
// connection would cost more than most requests. Outlives its thread for those
// who still hold it, and drops what they send it then.
class Loop {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kTick{50};

  Loop();

  void Start();
  // Ends the thread; its connections are cut off. Not from the loop's thread.
  void Stop();

  // Runs `work` on the thread, now if it is this one. From any thread. `work`
  // is dropped once the loop has stopped.
  void Dispatch(absl::AnyInvocable<void()> work);
  // The same, but never now: after what is queued already.
  void Post(absl::AnyInvocable<void()> work);

  // The rest is for the loop's own thread.

  boost::asio::io_context& context() { return context_; }
  // Time as of the last tick.
  Time now() const { return now_; }
  // For the field Date.
  absl::string_view date() const { return date_; }

  // A connection lives until it is removed, at least.
  void Add(std::shared_ptr<Connection> connection) {
    connections_.insert(std::move(connection));
  }
  void Remove(const std::shared_ptr<Connection>& connection) {
    connections_.erase(connection);
  }
  // Ends the connections that have no request, soon.
  void CloseIdle();

 private:
  void Tick();
  void CutOff();

  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_{context_};
  std::thread thread_;
  Time now_ = std::chrono::steady_clock::now();
  int64_t date_seconds_ = 0;
  std::string date_;
  absl::flat_hash_set<std::shared_ptr<Connection>> connections_;
  // Stop() has come; nothing is begun any more.
  bool ending_ = false;

  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_HTTP_LOOP_H_
