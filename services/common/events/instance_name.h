// DrawInstanceName: a word that no other process has.
#ifndef SERVICES_COMMON_EVENTS_INSTANCE_NAME_H_
#define SERVICES_COMMON_EVENTS_INSTANCE_NAME_H_

#include <random>
#include <string>

#include "absl/strings/str_cat.h"

namespace praxis::events {

// 16 hex digits, drawn anew each time: replicas of one service must not be
// taken for each other, nor a process for the one before it.
inline std::string DrawInstanceName() {
  std::random_device random;
  return absl::StrCat(absl::Hex(random(), absl::kZeroPad8),
                      absl::Hex(random(), absl::kZeroPad8));
}

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_INSTANCE_NAME_H_
