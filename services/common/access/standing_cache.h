// Standings that were looked up, until any access changes.
#ifndef SERVICES_COMMON_ACCESS_STANDING_CACHE_H_
#define SERVICES_COMMON_ACCESS_STANDING_CACHE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/common/access/access.h"

namespace praxis::access {

// A table of fixed size in front of the projection's tables. It is exact: each
// entry carries the generation that was current before it was read from the
// database, and counts only while that is still the current one. A change of
// access begins a new generation after it is committed; a reader that looked
// before the commit can therefore never fill in what it saw as current.
// Two pairs that meet in one place push each other out. Thread-safe.
class StandingCache {
 public:
  StandingCache() : entries_(kEntries) {}

  // To be asked for before the database is read, and given to Put.
  uint64_t generation() const { return generation_.load(); }

  // Begins a new generation: nothing found before counts any more.
  void Invalidate() { generation_.fetch_add(1); }

  std::optional<Standing> Get(absl::string_view principal,
                              absl::string_view scope);
  void Put(absl::string_view principal, absl::string_view scope,
           uint64_t generation, const Standing& standing);

 private:
  // Together about 2 MB when full of names of usual length.
  static constexpr size_t kEntries = 1 << 14;
  static constexpr size_t kLocks = 64;

  struct Entry {
    uint64_t generation = 0;
    std::string principal;
    std::string scope;
    Standing standing;
  };
  struct alignas(64) Lock {
    std::mutex mutex;
  };

  // Starts at 1: an entry of 0 is empty.
  std::atomic<uint64_t> generation_{1};
  std::vector<Entry> entries_;
  // Entry i is guarded by lock i % kLocks.
  std::array<Lock, kLocks> locks_;
};

}  // namespace praxis::access

#endif  // SERVICES_COMMON_ACCESS_STANDING_CACHE_H_
