// LocalLimiter: buckets within this process.
#ifndef SERVICES_COMMON_LIMITS_LOCAL_LIMITER_H_
#define SERVICES_COMMON_LIMITS_LOCAL_LIMITER_H_

#include <array>
#include <cstddef>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/cache/lru.h"
#include "services/common/limits/limiter.h"
#include "services/common/redis/clock.h"

namespace praxis::limits {

// Exact, for as many buckets as it holds: one that was dropped to make room is
// full when it is asked for again.
class LocalLimiter : public Limiter {
 public:
  struct Options {
    size_t buckets_max = 100'000;
    // Monotonic.
    std::function<absl::Duration()> clock = redis::MonotonicNow;
  };
  LocalLimiter() : LocalLimiter(Options()) {}
  explicit LocalLimiter(Options options);

  absl::Status Take(absl::string_view key, const Rate& rate) override;

 private:
  struct Bucket {
    double tokens = 0;
    // When it held them.
    absl::Duration time;
  };
  struct alignas(64) Shard {
    absl::Mutex mutex;
    cache::Lru<Bucket> buckets ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 16;

  const Options options_;
  std::array<Shard, kShards> shards_;
};

}  // namespace praxis::limits

#endif  // SERVICES_COMMON_LIMITS_LOCAL_LIMITER_H_
