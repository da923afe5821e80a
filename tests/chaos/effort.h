// Effort: how much a chaos test does.
#ifndef TESTS_CHAOS_EFFORT_H_
#define TESTS_CHAOS_EFFORT_H_

#include <cstdint>
#include <cstdlib>

namespace praxis::chaos {

// PRAXIS_SLOW=1: minutes instead of seconds.
inline bool IsSlow() { return std::getenv("PRAXIS_SLOW") != nullptr; }

// Ten times as many in the slow run.
inline int Scaled(int count) { return IsSlow() ? 10 * count : count; }

}  // namespace praxis::chaos

#endif  // TESTS_CHAOS_EFFORT_H_
