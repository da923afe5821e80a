#include "services/resources/blobs/sweeper.h"

#include <utility>

#include "absl/time/clock.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::resources {

Sweeper::Sweeper(
    BlobStore& blobs,
    std::function<absl::StatusOr<bool>(absl::string_view)> is_named)
    : blobs_(blobs), is_named_(std::move(is_named)) {
  thread_ = std::thread([this] { Run(); });
}

Sweeper::~Sweeper() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Sweeper::Run() {
  bool stopping = false;
  while (!stopping) {
    SweepOnce();
    absl::MutexLock lock(&mutex_);
    stopping = mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kInterval);
  }
}

void Sweeper::SweepOnce() {
  const absl::StatusOr<int> removed =
      blobs_.Sweep(absl::Now() - kAge,
                   [this](absl::string_view digest) -> absl::StatusOr<bool> {
                     {
                       absl::MutexLock lock(&mutex_);
                       if (stopping_)
                         return Error(Reason::CANCELLED, "The sweep ends.");
                     }
                     return is_named_(digest);
                   });
  if (!removed.ok()) {
    spdlog::warn("blobs: not swept to the end: {}",
                 removed.status().ToString());
  } else if (*removed > 0) {
    spdlog::info("blobs: {} that nothing names removed", *removed);
  }
}

}  // namespace praxis::resources
