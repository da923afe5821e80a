#ifndef GATEWAY_TRANSCODE_NAME_TABLE_H_
#define GATEWAY_TRANSCODE_NAME_TABLE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace praxis::gateway {

// Finds one of a few names that are fixed when the table is made. Names from
// outside are only looked up, never put in, so nobody can make it slow. The
// hash takes the length and the first and last eight bytes, which tell the
// names of one message apart; that takes a third of the instructions of
// absl::flat_hash_map with its general hash.
class NameTable {
 public:
  static constexpr int kNone = -1;

  NameTable() = default;
  // Of equal names the first counts. The bytes of the names must stay.
  explicit NameTable(
      const std::vector<std::pair<absl::string_view, int>>& entries);

  // The value of `name`, or kNone.
  int Find(absl::string_view name) const;

 private:
  struct Slot {
    absl::string_view name;
    int value = kNone;
  };

  std::vector<Slot> slots_ = std::vector<Slot>(1);
};

}  // namespace praxis::gateway

#endif  // GATEWAY_TRANSCODE_NAME_TABLE_H_
