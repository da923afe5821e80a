// HealthBoard: which services are serving, and who wants to know.
#ifndef SERVICES_COMMON_RPC_GRPC_HEALTH_BOARD_H_
#define SERVICES_COMMON_RPC_GRPC_HEALTH_BOARD_H_

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
#include "grpc/health/v1/health.pb.h"

namespace praxis::rpc {

// Asks every so often how the served services do and keeps the answers, so that
// a health probe costs a look-up and never waits for a database. "" stands for
// the whole server: SERVING when every service is. Thread-safe.
class HealthBoard {
 public:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  // Services that do well or badly together.
  struct Group {
    std::vector<std::string> services;
    // OK while they serve. Null: always.
    std::function<absl::Status()> check;
  };

  // Checks once before it returns, then every `interval` (ten times a second
  // while something does not serve) on a thread of its own.
  HealthBoard(std::vector<Group> groups, absl::Duration interval);
  ~HealthBoard();

  // SERVICE_UNKNOWN for a service that is not served here.
  Status Of(absl::string_view service) const;

  // Calls `changed` with the status as it is, within Watch, and then with each
  // new one, on any thread, one call at a time. It must be quick and not call
  // back. Answers an id for Unwatch.
  int64_t Watch(absl::string_view service, std::function<void(Status)> changed);
  // After it `changed` is not called any more.
  void Unwatch(int64_t id);

  // The server goes away: from here on nothing is serving.
  void StopServing();

 private:
  struct Watcher {
    std::string service;
    std::function<void(Status)> changed;
    Status told;
  };

  void Loop();
  void CheckAll();
  void Tell() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Status Find(absl::string_view service) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<Group> groups_;
  const absl::Duration interval_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Status> statuses_ ABSL_GUARDED_BY(mutex_);
  std::map<int64_t, Watcher> watchers_ ABSL_GUARDED_BY(mutex_);
  int64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  bool serving_ ABSL_GUARDED_BY(mutex_) = true;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_GRPC_HEALTH_BOARD_H_
