#include "services/common/rpc/grpc/health_board.h"

#include <algorithm>
#include <utility>

namespace praxis::rpc {
namespace {

using Response = grpc::health::v1::HealthCheckResponse;

constexpr absl::Duration kFailingInterval = absl::Milliseconds(100);

}  // namespace

HealthBoard::HealthBoard(std::vector<Group> groups, absl::Duration interval)
    : groups_(std::move(groups)), interval_(interval) {
  CheckAll();
  thread_ = std::thread([this] { Loop(); });
}

HealthBoard::~HealthBoard() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_.join();
}

HealthBoard::Status HealthBoard::Of(absl::string_view service) const {
  absl::MutexLock lock(&mutex_);
  return Find(service);
}

HealthBoard::Status HealthBoard::Find(absl::string_view service) const {
  const auto found = statuses_.find(std::string(service));
  if (found == statuses_.end()) return Response::SERVICE_UNKNOWN;
  return serving_ ? found->second : Response::NOT_SERVING;
}

int64_t HealthBoard::Watch(absl::string_view service,
                           std::function<void(Status)> changed) {
  absl::MutexLock lock(&mutex_);
  const Status status = Find(service);
  changed(status);
  watchers_[++last_id_] = {std::string(service), std::move(changed), status};
  return last_id_;
}

void HealthBoard::Unwatch(int64_t id) {
  absl::MutexLock lock(&mutex_);
  watchers_.erase(id);
}

void HealthBoard::StopServing() {
  absl::MutexLock lock(&mutex_);
  serving_ = false;
  Tell();
}

void HealthBoard::Loop() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      // What does not serve may be starting, and someone waits for it.
      const absl::Duration pause = Find("") == Response::SERVING
                                       ? interval_
                                       : std::min(interval_, kFailingInterval);
      if (mutex_.AwaitWithTimeout(absl::Condition(&ending_), pause)) return;
    }
    CheckAll();
  }
}

void HealthBoard::CheckAll() {
  std::map<std::string, Status> statuses;
  bool all_serve = true;
  for (const Group& group : groups_) {
    const bool serves = group.check == nullptr || group.check().ok();
    all_serve = all_serve && serves;
    for (const std::string& service : group.services) {
      statuses[service] = serves ? Response::SERVING : Response::NOT_SERVING;
    }
  }
  statuses[""] = all_serve ? Response::SERVING : Response::NOT_SERVING;
  absl::MutexLock lock(&mutex_);
  statuses_ = std::move(statuses);
  Tell();
}

void HealthBoard::Tell() {
  for (auto& [id, watcher] : watchers_) {
    const Status status = Find(watcher.service);
    if (status == watcher.told) continue;
    watcher.told = status;
    watcher.changed(status);
  }
}

}  // namespace praxis::rpc
