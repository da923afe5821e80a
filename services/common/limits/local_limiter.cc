#include "services/common/limits/local_limiter.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"

namespace praxis::limits {

LocalLimiter::LocalLimiter(Options options) : options_(std::move(options)) {}

absl::Status LocalLimiter::Take(absl::string_view key, const Rate& rate) {
  Shard& shard = shards_[absl::HashOf(key) % kShards];
  absl::MutexLock lock(&shard.mutex);
  // Under the lock, so that time does not go back for a bucket.
  const absl::Duration now = options_.clock();
  Bucket* bucket = shard.buckets.Find(key);
  if (bucket == nullptr) {
    if (shard.buckets.size() >= options_.buckets_max / kShards) {
      shard.buckets.DropOldest();
    }
    bucket = &shard.buckets.Insert(key, {.tokens = rate.burst, .time = now});
  }
  const double seconds = absl::ToDoubleSeconds(now - bucket->time);
  bucket->tokens =
      std::min(rate.burst, bucket->tokens + seconds * rate.per_second);
  bucket->time = now;
  if (bucket->tokens < 1) {
    return Limited(absl::Seconds((1 - bucket->tokens) / rate.per_second));
  }
  bucket->tokens -= 1;
  return absl::OkStatus();
}

}  // namespace praxis::limits
