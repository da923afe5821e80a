// ResponseCache: answers that anyone may have, as they were sent.
#ifndef GATEWAY_CACHE_RESPONSE_CACHE_H_
#define GATEWAY_CACHE_RESPONSE_CACHE_H_

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/cache/event_feed.h"
#include "gateway/cache/scopes.h"
#include "gateway/http/response.h"
#include "services/common/cache/lru.h"
#include "services/common/events/source.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {

// What it answers at a moment could have been answered by the service itself
// no longer than `age_max` before, and nothing that an event has changed since
// that was acknowledged here: see docs/adr/0025-cached-reads.md. Without a
// lease at each source it answers nothing. Bounded in bytes; of each shard,
// what was used least recently makes room. Thread-safe.
//   praxis_gateway_cache_hits_total, _misses_total, _fills_total
//   praxis_gateway_cache_refused_total   fills that came too late
//   praxis_gateway_cache_bytes
class ResponseCache {
 public:
  struct Options {
    size_t bytes_max = 64 << 20;
    // As long as a lease: what no event tells of, such as a copy in Redis that
    // is behind for a moment, is kept no longer.
    absl::Duration age_max = absl::Seconds(3);
  };

  // `sources` are those of every service whose answers are kept, first the one
  // that decides access. They and `registry` outlive this.
  ResponseCache(Options options, const std::vector<events::Source*>& sources,
                telemetry::Registry& registry);
  ~ResponseCache();

  // To be taken before the service is asked.
  struct Ticket {
    Scopes::Mark mark;
    absl::Duration begun;
  };
  Ticket Begin(absl::string_view scope) const;

  // An answer of 200, with what it rests on.
  struct Kept {
    Response response;
    Ticket ticket;
    // Of the reply, see rpc::Reply.
    int64_t access_position = 0;
  };
  // Keeps it, if nothing has changed in the scope since the ticket was taken,
  // and if the service knew every change of visibility that was known here by
  // then.
  void Keep(absl::string_view key, const Kept& kept);

  // What was kept under `key`, its body shared; nothing when the service must
  // be asked.
  std::optional<Kept> Find(absl::string_view key);
  // Counts a read.
  void Count(bool found) { (found ? hits_ : misses_).Add(); }

  // Something was changed in the scope by way of this gateway: whoever did so
  // need not wait for the event to see it. Without a scope, there is the event.
  void Changed(absl::string_view scope) {
    if (!scope.empty()) scopes_.Changed(scope);
  }

  // Whether every lease holds.
  bool IsCurrent() const { return feed_.IsCurrent(); }

 private:
  struct alignas(64) Shard {
    absl::Mutex mutex;
    cache::Lru<Kept> items ABSL_GUARDED_BY(mutex);
    size_t bytes ABSL_GUARDED_BY(mutex) = 0;
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(absl::string_view key);
  static void Put(absl::string_view key, Kept kept, Shard& shard)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  void MakeRoom(Shard& shard) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  static size_t BytesOf(absl::string_view key, const Response& response);

  const size_t shard_bytes_max_;
  const absl::Duration age_max_;
  telemetry::Counter& hits_;
  telemetry::Counter& misses_;
  telemetry::Counter& fills_;
  telemetry::Counter& refused_;
  telemetry::Gauge& bytes_;
  Scopes scopes_;
  EventFeed feed_;
  std::array<Shard, kShards> shards_;
};

}  // namespace praxis::gateway

#endif  // GATEWAY_CACHE_RESPONSE_CACHE_H_
