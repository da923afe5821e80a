#include "gateway/cache/scopes.h"

#include "absl/hash/hash.h"

namespace praxis::gateway {
namespace {

size_t HashOf(absl::string_view scope) { return absl::HashOf(scope); }

}  // namespace

absl::string_view ScopeOf(absl::string_view name) {
  const size_t first = name.find('/');
  if (first == name.npos) return "";
  return name.substr(0, name.find('/', first + 1));
}

// The count first: whoever still sees the number of before has a mark that
// holds no longer.
Scopes::Mark Scopes::MarkOf(absl::string_view scope) const {
  Mark mark;
  mark.place = HashOf(scope) % kPlaces;
  mark.count = counts_[mark.place].load();
  mark.access = access_.load();
  return mark;
}

void Scopes::Changed(absl::string_view scope) {
  counts_[HashOf(scope) % kPlaces].fetch_add(1);
}

void Scopes::EverythingChanged() {
  for (std::atomic<uint64_t>& count : counts_) count.fetch_add(1);
}

void Scopes::VisibilityChanged(absl::string_view scope, int64_t number) {
  access_.store(number);
  Changed(scope);
}

}  // namespace praxis::gateway
