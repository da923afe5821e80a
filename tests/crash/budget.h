// How much a crash test does: by flags, else short.
#ifndef TESTS_CRASH_BUDGET_H_
#define TESTS_CRASH_BUDGET_H_

#include <cstdint>

#include "absl/time/time.h"

namespace praxis::crash {

// Of each shape: it ends when there were as many kills and acknowledged
// changes, or when the time is over.
struct Budget {
  // --seed=N; by default another one every time.
  uint64_t seed = 0;
  // --kills=N
  int kills = 5;
  // --acks=N
  int64_t acks = 500;
  // --seconds=N
  absl::Duration time = absl::Seconds(10);
};

// Set by main from the flags.
Budget& TheBudget();

}  // namespace praxis::crash

#endif  // TESTS_CRASH_BUDGET_H_
