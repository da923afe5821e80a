#include "services/common/events/server/server.h"

#include <utility>

namespace praxis::events {
namespace {

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
    : feed_(std::move(logs), host.registry),
      methods_(MethodsOf(feed_)),
      pipeline_({.methods = methods_,
                 .access = access_,
                 .sealer = sealer,
                 .host = host},
                {}) {}

}  // namespace praxis::events
