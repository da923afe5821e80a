#include "gateway/cache/response_cache.h"

#include <utility>

#include "absl/hash/hash.h"
#include "services/common/events/lease_clock.h"

namespace praxis::gateway {
namespace {

using events::LeaseNow;

// About what the lists, the map and the allocations of an item take.
constexpr size_t kItemBytes = 300;

}  // namespace

ResponseCache::ResponseCache(Options options,
                             const std::vector<events::Source*>& sources,
                             telemetry::Registry& registry)
    : shard_bytes_max_(options.bytes_max / kShards),
      age_max_(options.age_max),
      hits_(registry.FindCounter("praxis_gateway_cache_hits_total",
                                 "Reads answered from what was kept.")),
      misses_(registry.FindCounter(
          "praxis_gateway_cache_misses_total",
          "Reads that could have been, but the service was asked.")),
      fills_(registry.FindCounter("praxis_gateway_cache_fills_total",
                                  "Answers that were kept.")),
      refused_(registry.FindCounter(
          "praxis_gateway_cache_refused_total",
          "Answers that were not, since something had changed meanwhile.")),
      bytes_(registry.FindGauge("praxis_gateway_cache_bytes",
                                "What is kept, with its keys.")),
      feed_(sources, scopes_, registry) {}

ResponseCache::~ResponseCache() = default;

ResponseCache::Shard& ResponseCache::ShardOf(absl::string_view key) {
  return shards_[absl::HashOf(key) % kShards];
}

size_t ResponseCache::BytesOf(absl::string_view key, const Response& response) {
  return kItemBytes + key.size() + response.fields.size() +
         response.content().size();
}

// Whatever was acknowledged before the caller asked had been counted in the
// scope by then, or a lease was over: so the item is looked at here, after the
// question came, and not when it was put there.
std::optional<ResponseCache::Kept> ResponseCache::Find(absl::string_view key) {
  if (!feed_.IsCurrent()) return std::nullopt;
  Shard& shard = ShardOf(key);
  absl::MutexLock lock(&shard.mutex);
  const Kept* kept = shard.items.Find(key);
  if (kept == nullptr || !scopes_.IsStill(kept->ticket.mark) ||
      LeaseNow() > kept->ticket.begun + age_max_) {
    return std::nullopt;
  }
  return *kept;
}

ResponseCache::Ticket ResponseCache::Begin(absl::string_view scope) const {
  return {scopes_.MarkOf(scope), LeaseNow()};
}

// A change after the look at the mark does no harm: Find looks again.
void ResponseCache::Keep(absl::string_view key, const Kept& kept) {
  const Scopes::Mark& mark = kept.ticket.mark;
  if (!feed_.IsCurrent() || !scopes_.IsStill(mark) ||
      kept.access_position < mark.access || kept.access_position <= 0) {
    return refused_.Add();
  }
  if (BytesOf(key, kept.response) > shard_bytes_max_) return;
  Kept shared = {
      {.content_type = kept.response.content_type,
       .fields = kept.response.fields,
       .shared_body = std::make_shared<std::string>(kept.response.content())},
      kept.ticket,
      kept.access_position};
  Shard& shard = ShardOf(key);
  absl::MutexLock lock(&shard.mutex);
  const auto before = static_cast<int64_t>(shard.bytes);
  Put(key, std::move(shared), shard);
  MakeRoom(shard);
  fills_.Add();
  bytes_.Add(static_cast<int64_t>(shard.bytes) - before);
}

void ResponseCache::Put(absl::string_view key, Kept kept, Shard& shard) {
  shard.bytes += BytesOf(key, kept.response);
  if (Kept* known = shard.items.Find(key)) {
    shard.bytes -= BytesOf(key, known->response);
    *known = std::move(kept);
  } else {
    shard.items.Insert(key, std::move(kept));
  }
}

// What nobody has asked for since it grew too old goes as well.
void ResponseCache::MakeRoom(Shard& shard) const {
  const absl::Duration too_old = LeaseNow() - age_max_;
  while (shard.items.size() > 0) {
    const auto& oldest = shard.items.Oldest();
    if (shard.bytes <= shard_bytes_max_ &&
        oldest.value.ticket.begun >= too_old) {
      return;
    }
    shard.bytes -= BytesOf(oldest.key, oldest.value.response);
    shard.items.DropOldest();
  }
}

}  // namespace praxis::gateway
