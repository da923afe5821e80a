// Scopes: what has changed since something was read.
#ifndef GATEWAY_CACHE_SCOPES_H_
#define GATEWAY_CACHE_SCOPES_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// The scope of a resource, "communities/lean": the first two segments of its
// name. Empty when there are not two.
absl::string_view ScopeOf(absl::string_view name);

// A count of changes for each scope: whatever was read before the last one is
// out of date, and no list of what that was need be kept. Two scopes that meet
// in one place share a count and only forget more than they need. Thread-safe.
class Scopes {
 public:
  // Taken before something is read.
  struct Mark {
    size_t place = 0;
    uint64_t count = 0;
    // The event of access that a reply must have taken into account.
    int64_t access = 0;
  };
  Mark MarkOf(absl::string_view scope) const;
  // Whether nothing has changed in the scope since.
  bool IsStill(const Mark& mark) const {
    return counts_[mark.place].load() == mark.count;
  }

  void Changed(absl::string_view scope);
  void EverythingChanged();
  // What may be seen of the scope changed by this event of access. A service
  // that has not heard of it yet answers as before, so from here on its reply
  // is not kept.
  void VisibilityChanged(absl::string_view scope, int64_t number);
  // What was before this event of access is not known: what a service answers
  // that may be behind it is not kept either.
  void StartFrom(int64_t number) {
    access_.store(number);
    EverythingChanged();
  }

 private:
  static constexpr size_t kPlaces = 1 << 12;

  std::array<std::atomic<uint64_t>, kPlaces> counts_ = {};
  std::atomic<int64_t> access_ = 0;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_CACHE_SCOPES_H_
