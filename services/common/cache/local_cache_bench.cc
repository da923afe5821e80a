// What it costs to find an entry of 0.6 KB in this process.
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "services/common/cache/local_cache.h"
#include "services/common/cache/read_through.h"

namespace praxis::cache {
namespace {

constexpr int kKeys = 10'000;

std::string KeyOf(int i) { return absl::StrCat("things/", i % kKeys); }

// Shared by the threads of one benchmark.
struct Shared {
  LocalCache cache;
  telemetry::Registry registry;
  ReadThrough reader{cache, "things", registry};
};
std::unique_ptr<Shared> shared;
void SetUp(const benchmark::State&) {
  shared = std::make_unique<Shared>();
  for (int i = 0; i < kKeys; ++i) {
    shared->cache.Put(KeyOf(i), {1, std::string(600, 'x')}, absl::Hours(1));
  }
}
void TearDown(const benchmark::State&) { shared.reset(); }

void LocalGet(benchmark::State& state) {
  int i = 0;
  for (auto _ : state) {
    if (!shared->cache.Get(KeyOf(i += 7)).entry.has_value()) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(LocalGet)->Setup(SetUp)->Teardown(TearDown)->ThreadRange(1, 4);

void LocalReadThrough(benchmark::State& state) {
  int i = 0;
  for (auto _ : state) {
    const auto entry =
        shared->reader.Get(KeyOf(i += 7), absl::Hours(1),
                           []() -> absl::StatusOr<Entry> { std::abort(); });
    if (!entry.ok()) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(LocalReadThrough)->Setup(SetUp)->Teardown(TearDown);

}  // namespace
}  // namespace praxis::cache
