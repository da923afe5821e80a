// StatusBoard: how the services of a process do, part by part.
#ifndef SERVICES_COMMON_OPS_STATUS_BOARD_H_
#define SERVICES_COMMON_OPS_STATUS_BOARD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "praxis/ops/v1/status.pb.h"

namespace praxis::ops {

// What a check has counted, by name.
using Numbers = std::map<std::string, int64_t>;

// One thing that can fail by itself: a database, a lease, Redis.
struct Check {
  std::string name;
  // OK while it does its work. One thread asks about every second.
  std::function<absl::Status(Numbers*)> ask;
};

// A service of this process and what it leans on.
struct Service {
  std::string name;
  std::vector<Check> checks;
};

// Looks after each check about every second, on one thread, and keeps what it
// saw: to read it costs a copy, however slow a database is just now. A check
// that does not come back in kPatience has failed. Thread-safe.
class StatusBoard {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(2);

  // Looks once before it returns. What the checks use outlives the board.
  StatusBoard(std::vector<Service> services, absl::string_view version,
              absl::Duration interval = absl::Seconds(1));
  ~StatusBoard();

  v1::GetStatusResponse Get() const;
  // Of one service; empty for one that is not here.
  v1::ServiceStatus Of(absl::string_view service) const;

 private:
  void LookAtAll();
  void LookAt(const Check& check, v1::Check* seen);
  v1::ServiceStatus Shown(const v1::ServiceStatus& status) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<Service> services_;
  const absl::Duration interval_;
  mutable absl::Mutex mutex_;
  v1::GetStatusResponse seen_ ABSL_GUARDED_BY(mutex_);
  // The check that is being asked, and since when; null between two.
  const v1::Check* asked_ ABSL_GUARDED_BY(mutex_) = nullptr;
  absl::Time asked_since_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace praxis::ops

#endif  // SERVICES_COMMON_OPS_STATUS_BOARD_H_
