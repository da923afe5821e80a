// CachedRows: rows that are read through a cache by several processes.
#ifndef TESTS_SIMULATION_CACHED_H_
#define TESTS_SIMULATION_CACHED_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "services/common/cache/cache.h"
#include "tests/simulation/bug.h"
#include "tests/simulation/kernel.h"

namespace praxis::simulation {

// The cache is the real LocalCache, which keeps the same rules as the one in
// Redis; here it is reached as that one is. How it is read and told of changes
// is as cache::ReadThrough does it, where whoever misses a key joins a load
// under way. Judged: who asks after the cache was told of a change gets no
// older version, but where the cache did not answer or has lost what it knew.
class CachedRows {
 public:
  static constexpr int kRows = 2;
  static constexpr int kReaders = 2;

  CachedRows(Kernel& kernel, Bug bug);

  // Changes the row and tells the cache.
  Process Change(int row);
  // Reads it in the process `reader`.
  Process Ask(int reader, int row);
  void Flush();

  int64_t hits = 0;
  int64_t loads = 0;
  int lost_percent = 0;

 private:
  // One load, and who waits for it.
  struct Flight {
    bool ended = false;
    int64_t version = 0;
    Signal end;
  };

  Task<cache::Found> Get(int row, bool* answered);
  Task<int64_t> Load(int row);
  Sleep Hop() {
    return Sleep(kernel_, kernel_.random.Between(50, 3 * kMillisecond));
  }
  std::unique_ptr<cache::Cache> NewCache() const;

  Kernel& kernel_;
  const Bug bug_;
  std::unique_ptr<cache::Cache> cache_;
  std::array<int64_t, kRows> versions_;
  // What the cache was told.
  std::array<int64_t, kRows> told_{};
  int flushes_ = 0;
  std::array<std::array<std::shared_ptr<Flight>, kRows>, kReaders> flights_;
  std::array<int64_t, kReaders> ended_{};
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_CACHED_H_
