// RedisCache: a cache that all replicas of a service share.
#ifndef SERVICES_COMMON_CACHE_REDIS_CACHE_H_
#define SERVICES_COMMON_CACHE_REDIS_CACHE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/cache/cache.h"
#include "services/common/redis/client.h"

namespace praxis::cache {

// A string per key: the version in 19 digits, 'e' and the bytes of an entry or
// 'm' for a mark. A fixed width, so that the server compares versions as text:
// its Lua has no integers of 64 bits.
class RedisCache : public Cache {
 public:
  // `client` must outlive this. Keys begin with "praxis:<service>:cache:".
  RedisCache(redis::Client& client, absl::string_view service);

  Found Get(absl::string_view key) override;
  bool Put(absl::string_view key, const Entry& entry,
           absl::Duration ttl) override;
  void Raise(absl::string_view key, int64_t version) override;

 private:
  std::string NameOf(absl::string_view key) const;

  redis::Client& client_;
  const std::string prefix_;
};

}  // namespace praxis::cache

#endif  // SERVICES_COMMON_CACHE_REDIS_CACHE_H_
