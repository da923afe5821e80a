#include "services/common/auth/fetched_keys.h"

#include <utility>

namespace praxis::auth {

FetchedKeys::FetchedKeys(Fetch fetch, Options options)
    : fetch_(std::move(fetch)),
      options_(std::move(options)),
      thread_([this] { Loop(); }) {}

FetchedKeys::~FetchedKeys() {
  stopping_.Notify();
  thread_.join();
}

std::vector<PublicKey> FetchedKeys::Keys() {
  absl::MutexLock lock(&keys_mutex_);
  return keys_;
}

bool FetchedKeys::HasKeys() const {
  absl::MutexLock lock(&keys_mutex_);
  return !keys_.empty();
}

void FetchedKeys::Refresh() {
  absl::MutexLock fetch_lock(&fetch_mutex_);
  const absl::Time now = options_.clock();
  // A clock that was set back does not stop us either.
  if (now >= last_fetch_ && now < last_fetch_ + options_.pause) return;
  last_fetch_ = now;
  // The last good keys stay, whatever happens: an outage of the signer must not
  // become one of everything that verifies.
  absl::StatusOr<std::vector<PublicKey>> fetched = fetch_();
  if (!fetched.ok() || fetched->empty()) return;
  absl::MutexLock lock(&keys_mutex_);
  if (keys_ == *fetched) return;
  keys_ = *std::move(fetched);
  generation_.fetch_add(1, std::memory_order_release);
}

void FetchedKeys::Loop() {
  do {
    Refresh();
  } while (!stopping_.WaitForNotificationWithTimeout(
      HasKeys() ? options_.period : options_.pause));
}

}  // namespace praxis::auth
