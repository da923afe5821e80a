// One page of a list, as the store reads it.
#ifndef SERVICES_COMMON_SQL_SLICE_H_
#define SERVICES_COMMON_SQL_SLICE_H_

#include <cstddef>
#include <utility>
#include <vector>

namespace praxis::sql {

// Texts that a page holds; once it has so many bytes, it ends early and the
// next one goes on (AIP-158 lets it). 200 texts of 64 KiB would be more than a
// client of gRPC takes in one message, and a way to fill the service's memory.
inline constexpr size_t kSliceBytesMax = 1 << 20;

// Rows in a list's order, and whether others follow.
template <typename Item>
struct Slice {
  std::vector<Item> items;
  bool more = false;
  // Of the items' texts.
  size_t bytes = 0;

  // Takes `item`, whose text has `item_bytes`, or, when there are `size` items
  // or texts enough, notes that there is more.
  void Add(Item item, size_t item_bytes, int size) {
    more = items.size() >= static_cast<size_t>(size) || bytes >= kSliceBytesMax;
    if (more) return;
    bytes += item_bytes;
    items.push_back(std::move(item));
  }
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_SLICE_H_
