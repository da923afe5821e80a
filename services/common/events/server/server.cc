#include "services/common/events/server/server.h"

#include <utility>

namespace praxis::events {
namespace {

constexpr int kWorkers = 8;
// Calls that may wait: there are few consumers.
constexpr int kQueueMax = 256;

rpc::Methods MethodsOf(Feed& feed) {
  rpc::Methods methods;
  methods.Add(&feed, &Feed::ReadEvents);
  methods.Add(&feed, &Feed::WatchEvents);
  methods.Add(&feed, &Feed::AckEvents);
  return methods;
}

}  // namespace

EventsServer::EventsServer(std::vector<Log*> logs, const rpc::Host& host,
                           const auth::Sealer& sealer)
    : workers_({.threads = kWorkers, .queue_max = kQueueMax}),
      host_{workers_,     host.tokens, host.registry,
            host.metrics, host.log,    host.requests},
      feed_(std::move(logs), host.registry),
      methods_(MethodsOf(feed_)),
      // Reading waits for numbers that the relay has yet to give.
      pipeline_({.methods = methods_,
                 .access = access_,
                 .sealer = sealer,
                 .host = host_},
                {.inline_reads = false}) {}

}  // namespace praxis::events
