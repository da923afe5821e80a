// Random: all that a run does by chance, from one seed.
#ifndef TESTS_SIMULATION_RANDOM_H_
#define TESTS_SIMULATION_RANDOM_H_

#include <cstdint>

namespace praxis::simulation {

// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): small, and the same on every
// machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // From `low` to `high`, both included.
  int64_t Between(int64_t low, int64_t high) {
    return low +
           static_cast<int64_t>(Next() % static_cast<uint64_t>(high - low + 1));
  }

  // True in `percent` of 100 cases.
  bool Chance(int percent) { return Between(1, 100) <= percent; }

 private:
  uint64_t state_;
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_RANDOM_H_
