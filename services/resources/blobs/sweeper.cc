#include "services/resources/blobs/sweeper.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::resources {

Sweeper::Sweeper(BlobStore& blobs, Names names, absl::Duration interval)
    : blobs_(blobs), names_(std::move(names)), interval_(interval) {
  thread_ = std::thread([this] { Run(); });
}

Sweeper::~Sweeper() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

// The first time only looks: who sees what it has to say may still put it
// right.
void Sweeper::Run() {
  IsOurs();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), interval_)) {
        return;
      }
    }
    if (IsOurs()) SweepOnce();
  }
}

bool Sweeper::IsStopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

bool Sweeper::IsOurs() {
  const absl::StatusOr<std::string> named = names_.folder();
  if (!named.ok()) {
    spdlog::warn("blobs: not swept: {}", named.status().ToString());
    return false;
  }
  const std::string id = blobs_.Id();
  if (!id.empty() && id == *named) return true;
  if (!warned_) {
    spdlog::error(
        "blobs: the folder's file id says '{}' and the database's table "
        "blob_folder '{}': this may be another database or another folder, so "
        "no file is ever removed; see Restore in docs/operations.md",
        id, *named);
  }
  warned_ = true;
  return false;
}

void Sweeper::SweepOnce() {
  const absl::StatusOr<int> removed =
      blobs_.Sweep(absl::Now() - kAge,
                   [this](absl::string_view digest) -> absl::StatusOr<bool> {
                     if (IsStopping())
                       return Error(Reason::CANCELLED, "The sweep ends.");
                     return names_.is_named(digest);
                   });
  if (!removed.ok()) {
    spdlog::warn("blobs: not swept to the end: {}",
                 removed.status().ToString());
  } else if (*removed > 0) {
    spdlog::info("blobs: {} that nothing names removed", *removed);
  }
}

}  // namespace praxis::resources
