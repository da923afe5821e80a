// EventFeed: the events that say which scopes have changed.
#ifndef GATEWAY_CACHE_EVENT_FEED_H_
#define GATEWAY_CACHE_EVENT_FEED_H_

#include <memory>
#include <vector>

#include "gateway/cache/scopes.h"
#include "services/common/events/source.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// Follows every source of events, as a consumer with a lease of its own at
// each. An event is acknowledged when its scope counts as changed: whoever
// takes access away is told that it is done when nothing of before is kept
// here any more, or the lease is over.
//   praxis_gateway_cache_lease_held{source}
//   praxis_gateway_cache_changes_total
class EventFeed {
 public:
  // All outlive this. The first of `sources` is the one that decides access.
  EventFeed(const std::vector<events::Source*>& sources, Scopes& scopes,
            telemetry::Registry& registry);
  ~EventFeed();

  // Whether all leases hold: whatever changed, and was said to have changed
  // before this call, is known.
  bool IsCurrent() const;

 private:
  class Feed;

  std::vector<std::unique_ptr<Feed>> feeds_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_CACHE_EVENT_FEED_H_
