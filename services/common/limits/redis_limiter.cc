#include "services/common/limits/redis_limiter.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace praxis::limits {
namespace {

constexpr absl::Duration kHold = absl::Seconds(1);

// Takes up to ARGV[3] tokens from the bucket KEYS[1] of ARGV[1] tokens a second
// and ARGV[2] at most. Answers how many, and if none, in how many microseconds
// there will be one. The bucket goes when it would be full.
const redis::Script& TakeScript() {
  static const auto& script = *new redis::Script(R"(
local rate, burst, want =
    tonumber(ARGV[1]) / 1000000, tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local tokens = burst
local held = redis.call('HMGET', KEYS[1], 'tokens', 'time')
if held[1] then
  now = math.max(now, tonumber(held[2]))
  tokens = math.min(burst, held[1] + (now - held[2]) * rate)
end
local taken = math.min(want, math.floor(tokens))
local wait = 0
if taken < 1 then wait = math.ceil((1 - tokens) / rate) end
tokens = tokens - taken
redis.call('HSET', KEYS[1], 'tokens', tokens, 'time', now)
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate / 1000) + 1)
return {taken, wait})");
  return script;
}

// How many tokens to take at once.
int64_t BatchOf(const Rate& rate) {
  const double tenth = std::min(rate.per_second, rate.burst) / 10;
  return std::max<int64_t>(1, static_cast<int64_t>(tenth));
}

}  // namespace

RedisLimiter::RedisLimiter(redis::Client& client, absl::string_view service,
                           LocalLimiter::Options options)
    : client_(client),
      prefix_(absl::StrCat("praxis:", service, ":limit:")),
      options_(options),
      local_(std::move(options)) {}

absl::Status RedisLimiter::Take(absl::string_view key, const Rate& rate) {
  Shard& shard = shards_[absl::HashOf(key) % kShards];
  {
    const absl::Duration now = options_.clock();
    absl::MutexLock lock(&shard.mutex);
    Hold& hold = HoldOf(shard, key);
    if (hold.tokens >= 1 && now < hold.until) {
      hold.tokens -= 1;
      return absl::OkStatus();
    }
    if (now < hold.refused_until) return Limited(hold.refused_until - now);
  }
  const absl::StatusOr<redis::Reply> reply =
      client_.Eval(TakeScript(), {absl::StrCat(prefix_, key)},
                   {absl::StrCat(rate.per_second), absl::StrCat(rate.burst),
                    absl::StrCat(BatchOf(rate))});
  if (!reply.ok() || reply->items.size() != 2) return local_.Take(key, rate);

  const auto taken = static_cast<double>(reply->items[0].integer);
  const absl::Duration wait = absl::Microseconds(reply->items[1].integer);
  const absl::Duration now = options_.clock();
  absl::MutexLock lock(&shard.mutex);
  Hold& hold = HoldOf(shard, key);
  if (taken < 1) {
    hold.refused_until = now + wait;
    return Limited(wait);
  }
  if (now >= hold.until) hold.tokens = 0;
  // One of them is for this call.
  hold.tokens += taken - 1;
  hold.until = now + kHold;
  return absl::OkStatus();
}

RedisLimiter::Hold& RedisLimiter::HoldOf(Shard& shard, absl::string_view key) {
  if (Hold* hold = shard.holds.Find(key)) return *hold;
  if (shard.holds.size() >= options_.buckets_max / kShards) {
    shard.holds.DropOldest();
  }
  return shard.holds.Insert(key, Hold());
}

}  // namespace praxis::limits
