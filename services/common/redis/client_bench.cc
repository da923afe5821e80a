// What a call costs: a value of 0.6 KB from a server on the same machine, alone
// and with 64 callers at once, and many in one round trip.
#include <cstdlib>
#include <memory>
#include <string>

#include "benchmark/benchmark.h"
#include "services/common/redis/client.h"
#include "services/common/testing/redis.h"

namespace praxis::redis {
namespace {

// Shared by the threads of one benchmark.
struct Shared {
  testing::RedisServer server;
  telemetry::Registry registry;
  Client client{server.ClientOptions("cache"), registry};
};
std::unique_ptr<Shared> shared;
void SetUp(const benchmark::State&) {
  shared = std::make_unique<Shared>();
  if (!shared->client.Call({"SET", "a", std::string(600, 'x')}).ok()) {
    std::abort();
  }
}
void TearDown(const benchmark::State&) { shared.reset(); }

void Get(benchmark::State& state) {
  for (auto _ : state) {
    const absl::StatusOr<Reply> reply = shared->client.Call({"GET", "a"});
    if (!reply.ok() || reply->text.size() != 600) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Get)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->Threads(1)
    ->Threads(64)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

void BatchOf64Gets(benchmark::State& state) {
  for (auto _ : state) {
    Commands commands;
    for (int i = 0; i < 64; ++i) commands.Add({"GET", "a"});
    const auto replies = shared->client.Batch(commands);
    if (!replies.ok() || replies->size() != 64) std::abort();
  }
  state.SetItemsProcessed(64 * state.iterations());
}
BENCHMARK(BatchOf64Gets)
    ->Setup(SetUp)
    ->Teardown(TearDown)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace praxis::redis
