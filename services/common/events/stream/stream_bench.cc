// How many events a second go into a stream, and out of it again.
#include <cstdlib>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "services/common/events/stream/stream.h"
#include "services/common/events/stream/stream_publisher.h"
#include "services/common/redis/client.h"
#include "services/common/testing/redis.h"

namespace praxis::events::stream {
namespace {

constexpr int kBatch = 1000;

// Of about 0.6 KB, as most are.
std::vector<v1::Event> EventsFrom(int64_t number) {
  std::vector<v1::Event> events(kBatch);
  for (v1::Event& event : events) {
    event.set_number(number++);
    event.set_source("services/things");
    event.set_type("thing.made");
    event.set_name("things/0123456789abcdef");
    event.set_actor("members/0123456789abcdef");
    event.mutable_data()->set_value(std::string(500, 'x'));
  }
  return events;
}

void PublishAndRead(benchmark::State& state) {
  const testing::RedisServer server;
  telemetry::Registry registry;
  redis::Client client(server.ClientOptions("events"), registry);
  StreamPublisher publisher(client, "services/things");
  const bool reads = state.range(0) != 0;
  int64_t number = 1;
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<v1::Event> events = EventsFrom(number);
    state.ResumeTiming();
    if (!publisher.Publish(events).ok()) std::abort();
    if (reads) {
      const auto reply =
          client.Call({"XREAD", "COUNT", "1000", "STREAMS",
                       KeyOf("services/things"), std::to_string(number - 1)});
      if (!reply.ok()) std::abort();
      for (const redis::Reply& entry : reply->items[0].items[1].items) {
        if (!EventOf(entry, "services/things").has_value()) std::abort();
      }
    }
    number += kBatch;
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(PublishAndRead)
    ->ArgName("reads")
    ->Arg(0)
    ->Arg(1)
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace praxis::events::stream
