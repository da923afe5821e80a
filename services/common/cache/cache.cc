#include "services/common/cache/cache.h"

#include "absl/random/random.h"

namespace praxis::cache {

absl::Duration Jittered(absl::Duration ttl) {
  static thread_local absl::InsecureBitGen random;
  return ttl * absl::Uniform(random, 0.9, 1.1);
}

}  // namespace praxis::cache
