#include "services/common/auth/token_cache.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"

namespace praxis::auth {

static_assert(sizeof(size_t) == 8, "the top four bits choose the shard");

TokenCache::TokenCache(size_t tokens_max)
    : shard_tokens_max_(std::max<size_t>(1, tokens_max / kShards)) {}

TokenCache::Key TokenCache::KeyOf(absl::string_view token) {
  return {token, absl::Hash<absl::string_view>()(token)};
}

std::optional<Principal> TokenCache::Find(absl::string_view token,
                                          absl::Time now, uint64_t generation) {
  // The key views the caller's bytes here: a hit allocates nothing but the
  // principal's own text.
  const Key key = KeyOf(token);
  Shard& shard = ShardOf(key);
  absl::MutexLock lock(&shard.mutex);
  const auto place = shard.places.find(key);
  if (place == shard.places.end()) return std::nullopt;
  const auto node = place->second;
  const Entry& entry = node->entry;
  // The place goes first: its key views the node.
  if (now < entry.from || now >= entry.until ||
      generation != entry.generation) {
    shard.places.erase(place);
    shard.nodes.erase(node);
    return std::nullopt;
  }
  shard.nodes.splice(shard.nodes.begin(), shard.nodes, node);
  return entry.principal;
}

void TokenCache::Put(absl::string_view token, Entry entry) {
  const Key key = KeyOf(token);
  Shard& shard = ShardOf(key);
  absl::MutexLock lock(&shard.mutex);
  // Two threads may have verified the same new token at once.
  if (const auto place = shard.places.find(key); place != shard.places.end()) {
    place->second->entry = std::move(entry);
    return;
  }
  if (shard.nodes.size() >= shard_tokens_max_) {
    const Node& last = shard.nodes.back();
    shard.places.erase(Key{last.token, last.hash});
    shard.nodes.pop_back();
  }
  // From here on the key views the node's own copy.
  shard.nodes.push_front({std::string(token), std::move(entry), key.hash});
  shard.places.emplace(Key{shard.nodes.front().token, key.hash},
                       shard.nodes.begin());
}

size_t TokenCache::size() const {
  size_t size = 0;
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    size += shard.nodes.size();
  }
  return size;
}

}  // namespace praxis::auth
