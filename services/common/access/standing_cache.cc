#include "services/common/access/standing_cache.h"

#include "absl/hash/hash.h"

namespace praxis::access {
namespace {

size_t HashOf(absl::string_view principal, absl::string_view scope) {
  return absl::HashOf(principal, scope);
}

}  // namespace

std::optional<Standing> StandingCache::Get(absl::string_view principal,
                                           absl::string_view scope) {
  const size_t place = HashOf(principal, scope) % kEntries;
  const Entry& entry = entries_[place];
  std::lock_guard<std::mutex> lock(locks_[place % kLocks].mutex);
  if (entry.generation != generation_.load() || entry.scope != scope ||
      entry.principal != principal) {
    return std::nullopt;
  }
  return entry.standing;
}

void StandingCache::Put(absl::string_view principal, absl::string_view scope,
                        uint64_t generation, const Standing& standing) {
  const size_t place = HashOf(principal, scope) % kEntries;
  Entry& entry = entries_[place];
  std::lock_guard<std::mutex> lock(locks_[place % kLocks].mutex);
  entry.generation = generation;
  entry.principal.assign(principal.data(), principal.size());
  entry.scope.assign(scope.data(), scope.size());
  entry.standing = standing;
}

}  // namespace praxis::access
