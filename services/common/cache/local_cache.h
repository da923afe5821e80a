// LocalCache: a cache within this process.
#ifndef SERVICES_COMMON_CACHE_LOCAL_CACHE_H_
#define SERVICES_COMMON_CACHE_LOCAL_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/cache/cache.h"
#include "services/common/cache/lru.h"
#include "services/common/redis/clock.h"

namespace praxis::cache {

// Bounded in bytes; of each shard, what was used least recently makes room.
class LocalCache : public Cache {
 public:
  struct Options {
    size_t bytes_max = 64 << 20;
    // Monotonic.
    std::function<absl::Duration()> clock = redis::MonotonicNow;
  };
  LocalCache() : LocalCache(Options()) {}
  explicit LocalCache(Options options);

  Found Get(absl::string_view key) override;
  bool Put(absl::string_view key, const Entry& entry,
           absl::Duration ttl) override;
  void Raise(absl::string_view key, int64_t version) override;

  // Bytes held now: keys, entries and about what it takes to keep them.
  size_t bytes() const;

 private:
  struct Item {
    int64_t version = 0;
    // Not set in a mark.
    std::optional<std::string> bytes;
    absl::Duration until;
  };
  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    Lru<Item> items ABSL_GUARDED_BY(mutex);
    size_t bytes ABSL_GUARDED_BY(mutex) = 0;
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(absl::string_view key);
  // Puts `item` in the place of an older one, or of one of the same version if
  // `even_same`. False when what is there is newer.
  bool Replace(absl::string_view key, Item item, bool even_same);

  const Options options_;
  std::array<Shard, kShards> shards_;
};

}  // namespace praxis::cache

#endif  // SERVICES_COMMON_CACHE_LOCAL_CACHE_H_
