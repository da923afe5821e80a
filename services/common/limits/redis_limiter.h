// RedisLimiter: buckets that all replicas of a service share.
#ifndef SERVICES_COMMON_LIMITS_REDIS_LIMITER_H_
#define SERVICES_COMMON_LIMITS_REDIS_LIMITER_H_

#include <array>
#include <cstddef>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/cache/lru.h"
#include "services/common/limits/limiter.h"
#include "services/common/limits/local_limiter.h"
#include "services/common/redis/client.h"

namespace praxis::limits {

// The server's clock counts. To ask it about ten times a second for a key and
// not at every call, a process takes tokens for a tenth of a second at once,
// though no more than a tenth of the bucket, and remembers a refusal until it
// is over. So all replicas together never let more through than the bucket
// allows, and at a rate below 20 a second exactly that. Above, what a process
// has taken and not spent within a second is lost: a tenth of the rate at most,
// for each of them.
//
// While Redis is away each process has buckets of its own, full at first.
class RedisLimiter : public Limiter {
 public:
  // `client` must outlive this. Keys begin with "praxis:<service>:limit:".
  RedisLimiter(redis::Client& client, absl::string_view service,
               LocalLimiter::Options options = {});

  absl::Status Take(absl::string_view key, const Rate& rate) override;

 private:
  // Of one key, in this process.
  struct Hold {
    // Taken and not spent, good until `until`.
    double tokens = 0;
    absl::Duration until;
    // Redis has none before.
    absl::Duration refused_until;
  };
  struct alignas(64) Shard {
    absl::Mutex mutex;
    cache::Lru<Hold> holds ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 16;

  Hold& HoldOf(Shard& shard, absl::string_view key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  redis::Client& client_;
  const std::string prefix_;
  const LocalLimiter::Options options_;
  LocalLimiter local_;
  std::array<Shard, kShards> shards_;
};

}  // namespace praxis::limits

#endif  // SERVICES_COMMON_LIMITS_REDIS_LIMITER_H_
