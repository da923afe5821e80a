#include "gateway/transcode/name_table.h"

#include <bit>
#include <cstring>

namespace praxis::gateway {
namespace {

// Reads eight bytes at each end, which overlap in a short name.
uint64_t Hash(absl::string_view name) {
  uint64_t first = 0;
  uint64_t last = 0;
  const char* data = name.data();
  const size_t size = name.size();
  if (size >= 8) {
    std::memcpy(&first, data, 8);
    std::memcpy(&last, data + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(&first, data, 4);
    std::memcpy(&last, data + size - 4, 4);
  } else if (size > 0) {
    first = static_cast<uint8_t>(data[0]);
    last = static_cast<uint8_t>(data[size / 2]) << 8 |
           static_cast<uint8_t>(data[size - 1]);
  }
  // Odd constants with bits all over: those of SplitMix64 (Steele et al. 2014).
  uint64_t hash = (first ^ std::rotl(last, 29) ^ size) * 0xbf58476d1ce4e5b9;
  return (hash ^ hash >> 32) * 0x94d049bb133111eb >> 32;
}

}  // namespace

// Half of the slots stay free, so that a search soon meets one.
NameTable::NameTable(
    const std::vector<std::pair<absl::string_view, int>>& entries)
    : slots_(std::bit_ceil(2 * entries.size() + 1)) {
  for (const auto& [name, value] : entries) {
    if (Find(name) != kNone) continue;
    uint64_t at = Hash(name);
    while (slots_[at & (slots_.size() - 1)].value != kNone) ++at;
    slots_[at & (slots_.size() - 1)] = {name, value};
  }
}

int NameTable::Find(absl::string_view name) const {
  for (uint64_t at = Hash(name);; ++at) {
    const Slot& slot = slots_[at & (slots_.size() - 1)];
    if (slot.value == kNone || slot.name == name) return slot.value;
  }
}

}  // namespace praxis::gateway
