// What a program of the suite has in Redis.
#ifndef SERVICES_COMMON_PROGRAM_REDIS_H_
#define SERVICES_COMMON_PROGRAM_REDIS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/common/cache/cache.h"
#include "services/common/config/config.h"
#include "services/common/events/publisher.h"
#include "services/common/events/source.h"
#include "services/common/events/stream/stream_publisher.h"
#include "services/common/events/stream/stream_source.h"
#include "services/common/limits/limiter.h"
#include "services/common/ops/status_board.h"
#include "services/common/redis/client.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::program {

// Two servers, for what must stay and for what may be evicted; in development
// they may be one.
struct RedisOptions {
  // "host:port" or several, separated by commas; empty: none.
  std::string events;
  std::string cache;
  // The name that sentinels know the servers by, where the addresses are
  // sentinels; empty: they are the servers.
  std::string events_master;
  std::string cache_master;
  // Empty: the default user, no password.
  std::string user;
  std::string password_file;
};

// Declares --redis_events, --redis_cache and what goes with them.
void AddRedisFlags(config::Config& config, RedisOptions* options);

// The stream of events, where there is one.
class EventStream {
 public:
  // `source` is the program's own service, "services/...". `registry` outlives
  // this.
  EventStream(const RedisOptions& options, absl::string_view source,
              telemetry::Registry& registry);

  // Of the program's own events; null without a stream.
  events::Publisher* publisher() { return publisher_.get(); }

  // `source`, with its new events from the stream if there is one. Asked once.
  events::Source& Through(events::Source& source);

  // Adds "redis/events" where there is one. The check looks at this.
  void AddCheck(std::vector<ops::Check>* checks);

 private:
  std::unique_ptr<redis::Client> client_;
  std::unique_ptr<events::stream::StreamPublisher> publisher_;
  std::unique_ptr<events::stream::StreamSource> source_;
};

// What replicas of a service share where there is a cache: entries, and how
// often somebody has called.
class SharedCache {
 public:
  // `service` is "members". `registry` outlives this.
  SharedCache(const RedisOptions& options, absl::string_view service,
              telemetry::Registry& registry);

  // Null without one, both.
  cache::Cache* cache() { return cache_.get(); }
  limits::Limiter* limiter() { return limiter_.get(); }

  // Adds "redis/cache" where there is one. The check looks at this.
  void AddCheck(std::vector<ops::Check>* checks);

 private:
  std::unique_ptr<redis::Client> client_;
  std::unique_ptr<cache::Cache> cache_;
  std::unique_ptr<limits::Limiter> limiter_;
};

}  // namespace praxis::program

#endif  // SERVICES_COMMON_PROGRAM_REDIS_H_
