// How processes on one database learn of each other's commits.
#ifndef SERVICES_COMMON_SQL_POSTGRES_LISTENER_H_
#define SERVICES_COMMON_SQL_POSTGRES_LISTENER_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "services/common/sql/postgres_pool.h"

namespace praxis::sql {

// A thread with a connection of its own that hears of commits and tells of
// them. It tells after the commit and of many at once: a NOTIFY within the
// transaction would make all commits of the database wait for each other.
// What is told while it is not connected is made up for by one call when it is
// again. Thread-safe.
class PostgresListener {
 public:
  // Returns when it listens, or has failed for the first time. `heard` is
  // called on its thread.
  PostgresListener(PostgresPool& pool, std::function<void()> heard);
  ~PostgresListener();
  PostgresListener(const PostgresListener&) = delete;
  PostgresListener& operator=(const PostgresListener&) = delete;

  // This process has committed: tells the others soon.
  void Tell();

 private:
  void Loop();
  // Listens until the connection is lost or this stops; whether it listened.
  bool Follow();
  absl::Status Listen(PostgresConnection& connection);
  // Calls `heard` if others of the same schema have committed.
  void TakeIn(PostgresConnection& connection);
  // Waits for the connection or, if given the time, for Tell.
  void Wait(PostgresConnection* connection, absl::Duration time);

  PostgresPool& pool_;
  const std::function<void()> heard_;
  const int wake_fd_;
  std::string schema_;
  // Others may have committed unheard.
  bool missed_ = false;
  std::atomic<bool> to_tell_{false};
  std::atomic<bool> stopping_{false};
  absl::Notification started_;
  std::thread thread_;
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_POSTGRES_LISTENER_H_
