// Copies of what is costly to read, by key, that never go back in time.
#ifndef SERVICES_COMMON_CACHE_CACHE_H_
#define SERVICES_COMMON_CACHE_CACHE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace praxis::cache {

// What is held for one row, or for what is made of it.
struct Entry {
  // The row's; it grows with every change.
  int64_t version = 0;
  std::string bytes;
};

// What a cache knows of a key.
struct Found {
  std::optional<Entry> entry;
  // Without an entry: the row is at this version or a later one, as somebody
  // said who changed it; 0 when that is not known.
  int64_t floor = 0;
};

// A port. A fill is a compare-and-set by version: who has read a row before it
// was changed, and fills the cache after it, is refused. That holds as long as
// the mark of the change does: kMarkTtl, unless the cache is lost or needs the
// room; then an old entry may be seen until its TTL is over.
//
// It fails open: a cache that cannot be reached holds nothing. Thread-safe.
class Cache {
 public:
  virtual ~Cache() = default;

  virtual Found Get(absl::string_view key) = 0;

  // Holds `entry` for about `ttl` (see Jittered), unless an entry or a mark of
  // a higher version is there: then it answers false.
  virtual bool Put(absl::string_view key, const Entry& entry,
                   absl::Duration ttl) = 0;

  // The row is at `version` now: an older entry is dropped, and a mark stays.
  // Of a row that is gone, the version after its last one.
  virtual void Raise(absl::string_view key, int64_t version) = 0;
};

// How long a mark refuses what is older: as long as the longest deadline of a
// call, so that no call that may still fill has begun before it.
constexpr absl::Duration kMarkTtl = absl::Minutes(5);

// `ttl`, up to 10 % more or less: what was filled at once does not end at once.
absl::Duration Jittered(absl::Duration ttl);

}  // namespace praxis::cache

#endif  // SERVICES_COMMON_CACHE_CACHE_H_
