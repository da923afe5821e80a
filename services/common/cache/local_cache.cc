#include "services/common/cache/local_cache.h"

#include <utility>

#include "absl/hash/hash.h"

namespace praxis::cache {
namespace {

// A node of the list and a place in the map.
constexpr size_t kOverhead = 160;

size_t SizeOf(absl::string_view key, const std::optional<std::string>& bytes) {
  return kOverhead + key.size() + (bytes.has_value() ? bytes->size() : 0);
}

}  // namespace

LocalCache::LocalCache(Options options) : options_(std::move(options)) {}

Found LocalCache::Get(absl::string_view key) {
  const absl::Duration now = options_.clock();
  Shard& shard = ShardOf(key);
  absl::MutexLock lock(&shard.mutex);
  const Item* item = shard.items.Find(key);
  if (item == nullptr || item->until <= now) return {};
  if (!item->bytes.has_value()) return {.floor = item->version};
  return {.entry = Entry{item->version, *item->bytes}};
}

bool LocalCache::Put(absl::string_view key, const Entry& entry,
                     absl::Duration ttl) {
  return Replace(key,
                 {.version = entry.version,
                  .bytes = entry.bytes,
                  .until = options_.clock() + Jittered(ttl)},
                 /*even_same=*/true);
}

void LocalCache::Raise(absl::string_view key, int64_t version) {
  Replace(key, {.version = version, .until = options_.clock() + kMarkTtl},
          /*even_same=*/false);
}

bool LocalCache::Replace(absl::string_view key, Item item, bool even_same) {
  const size_t shard_bytes_max = options_.bytes_max / kShards;
  // What would push out everything else is not worth it; its version is.
  if (SizeOf(key, item.bytes) > shard_bytes_max) item.bytes.reset();
  const absl::Duration now = options_.clock();
  Shard& shard = ShardOf(key);
  absl::MutexLock lock(&shard.mutex);
  Item* held = shard.items.Find(key);
  if (held != nullptr && held->until > now) {
    if (held->version > item.version) return false;
    if (held->version == item.version && !even_same) return true;
  }
  shard.bytes += SizeOf(key, item.bytes);
  if (held != nullptr) {
    shard.bytes -= SizeOf(key, held->bytes);
    *held = std::move(item);
  } else {
    shard.items.Insert(key, std::move(item));
  }
  while (shard.bytes > shard_bytes_max) {
    const auto& oldest = shard.items.Oldest();
    shard.bytes -= SizeOf(oldest.key, oldest.value.bytes);
    shard.items.DropOldest();
  }
  return true;
}

size_t LocalCache::bytes() const {
  size_t sum = 0;
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    sum += shard.bytes;
  }
  return sum;
}

LocalCache::Shard& LocalCache::ShardOf(absl::string_view key) {
  return shards_[absl::HashOf(key) % kShards];
}

}  // namespace praxis::cache
