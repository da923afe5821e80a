// Lru: values by key, in the order of their use.
#ifndef SERVICES_COMMON_CACHE_LRU_H_
#define SERVICES_COMMON_CACHE_LRU_H_

#include <cstddef>
#include <list>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace praxis::cache {

// What its user bounds by dropping the value used least recently. Not
// thread-safe.
template <typename Value>
class Lru {
 public:
  struct Node {
    const std::string key;
    Value value;
  };

  // Null when there is none. Pointers are good until the value is dropped.
  Value* Find(absl::string_view key) {
    const auto place = places_.find(key);
    if (place == places_.end()) return nullptr;
    nodes_.splice(nodes_.begin(), nodes_, place->second);
    return &place->second->value;
  }

  // `key` must not be there.
  Value& Insert(absl::string_view key, Value value) {
    nodes_.push_front(Node{std::string(key), std::move(value)});
    places_.emplace(nodes_.front().key, nodes_.begin());
    return nodes_.front().value;
  }

  // Neither may be called when there are none.
  const Node& Oldest() const { return nodes_.back(); }
  void DropOldest() {
    places_.erase(nodes_.back().key);
    nodes_.pop_back();
  }

  size_t size() const { return nodes_.size(); }

 private:
  // Used most recently first. Nodes do not move: the map's keys view them.
  std::list<Node> nodes_;
  absl::flat_hash_map<absl::string_view, typename std::list<Node>::iterator>
      places_;
};

}  // namespace praxis::cache

#endif  // SERVICES_COMMON_CACHE_LRU_H_
