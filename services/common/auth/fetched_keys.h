// FetchedKeys: the keys of a service that signs elsewhere.
#ifndef SERVICES_COMMON_AUTH_FETCHED_KEYS_H_
#define SERVICES_COMMON_AUTH_FETCHED_KEYS_H_

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/auth/token.h"

namespace praxis::auth {

// Keeps the last good key set of another service. One thread fetches it at the
// start, then every `period`, so that a retired key is known as such in time,
// and every `pause` as long as nothing has come. Thread-safe.
class FetchedKeys : public KeySource {
 public:
  // Asks the signer, within a few seconds. Called by one thread at a time.
  using Fetch = std::function<absl::StatusOr<std::vector<PublicKey>>()>;
  struct Options {
    absl::Duration period = absl::Minutes(5);
    // Least time between two fetches, whoever asks: tokens with made-up key
    // ids must not reach the signer.
    absl::Duration pause = absl::Seconds(3);
    std::function<absl::Time()> clock = [] { return absl::Now(); };
  };

  FetchedKeys(Fetch fetch, Options options);
  // Waits for a fetch that is under way.
  ~FetchedKeys() override;

  std::vector<PublicKey> Keys() override;
  uint64_t generation() const override {
    return generation_.load(std::memory_order_acquire);
  }
  // Returns when a fetch has ended that began after the call or a pause before
  // it. An answer without keys is a failure: it would lock everyone out.
  void Refresh() override;

 private:
  void Loop();
  bool HasKeys() const;

  const Fetch fetch_;
  const Options options_;
  std::atomic<uint64_t> generation_ = 0;
  // Held while fetching; never while keys_mutex_ is.
  absl::Mutex fetch_mutex_;
  absl::Time last_fetch_ ABSL_GUARDED_BY(fetch_mutex_) = absl::InfinitePast();
  mutable absl::Mutex keys_mutex_;
  std::vector<PublicKey> keys_ ABSL_GUARDED_BY(keys_mutex_);
  absl::Notification stopping_;
  std::thread thread_;
};

}  // namespace praxis::auth

#endif  // SERVICES_COMMON_AUTH_FETCHED_KEYS_H_
