// TokenCache: the tokens that were verified not long ago.
#ifndef SERVICES_COMMON_AUTH_TOKEN_CACHE_H_
#define SERVICES_COMMON_AUTH_TOKEN_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/common/auth/principal.h"

namespace praxis::auth {

// Remembers whose token is whose by all of the token's bytes: what differs in
// one is another token. Of each shard, the tokens least recently asked for make
// room. Thread-safe.
class TokenCache {
 public:
  // What a token was worth when it was verified.
  struct Entry {
    Principal principal;
    // It counts from `from` on, and before `until`.
    absl::Time from;
    absl::Time until;
    // KeySource::generation() it was verified under.
    uint64_t generation = 0;
  };

  explicit TokenCache(size_t tokens_max = 8192);

  // Whose `token` is, if it is remembered and counts now and under the keys of
  // `generation`. One that no longer does is forgotten.
  std::optional<Principal> Find(absl::string_view token, absl::Time now,
                                uint64_t generation);

  void Put(absl::string_view token, Entry entry);

  // Tokens held now.
  size_t size() const;

 private:
  // The hash chooses the shard and the place in its map: computed once.
  struct Key {
    absl::string_view token;
    size_t hash;
    friend bool operator==(const Key& a, const Key& b) {
      return a.token == b.token;
    }
  };
  struct KeyHash {
    size_t operator()(const Key& key) const { return key.hash; }
  };
  struct Node {
    std::string token;
    Entry entry;
    size_t hash;
  };
  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    // Most recently used first. Nodes do not move: the map's keys view them.
    std::list<Node> nodes ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<Key, std::list<Node>::iterator, KeyHash> places
        ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 16;

  static Key KeyOf(absl::string_view token);
  Shard& ShardOf(const Key& key) { return shards_[key.hash >> 60]; }

  const size_t shard_tokens_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace praxis::auth

#endif  // SERVICES_COMMON_AUTH_TOKEN_CACHE_H_
