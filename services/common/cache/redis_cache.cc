#include "services/common/cache/redis_cache.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace praxis::cache {
namespace {

constexpr size_t kDigits = 19;

// Sets KEYS[1] to ARGV[1] .. ARGV[2] for ARGV[3] ms, unless what is there is
// newer or, for a mark, as new. 0 when it is.
const redis::Script& ReplaceScript() {
  static const auto& script = *new redis::Script(R"(
local held = redis.call('GETRANGE', KEYS[1], 0, 18)
if held > ARGV[1] or (held == ARGV[1] and ARGV[2] == 'm') then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'PX', ARGV[3])
return 1)");
  return script;
}

std::string DigitsOf(int64_t version) {
  return absl::StrFormat("%0*d", static_cast<int>(kDigits), version);
}

std::string MillisecondsOf(absl::Duration ttl) {
  return absl::StrCat(std::max<int64_t>(1, absl::ToInt64Milliseconds(ttl)));
}

}  // namespace

RedisCache::RedisCache(redis::Client& client, absl::string_view service)
    : client_(client), prefix_(absl::StrCat("praxis:", service, ":cache:")) {}

Found RedisCache::Get(absl::string_view key) {
  absl::StatusOr<redis::Reply> reply = client_.Call({"GET", NameOf(key)});
  if (!reply.ok() || reply->kind != redis::Reply::Kind::kText) return {};
  std::string& text = reply->text;
  int64_t version = 0;
  if (text.size() <= kDigits ||
      !absl::SimpleAtoi(absl::string_view(text).substr(0, kDigits), &version)) {
    return {};
  }
  if (text[kDigits] != 'e') return {.floor = version};
  return {.entry = Entry{version, text.substr(kDigits + 1)}};
}

bool RedisCache::Put(absl::string_view key, const Entry& entry,
                     absl::Duration ttl) {
  const absl::StatusOr<redis::Reply> reply =
      client_.Eval(ReplaceScript(), {NameOf(key)},
                   {DigitsOf(entry.version), absl::StrCat("e", entry.bytes),
                    MillisecondsOf(Jittered(ttl))});
  return !reply.ok() || reply->is_error() || reply->integer != 0;
}

void RedisCache::Raise(absl::string_view key, int64_t version) {
  client_
      .Eval(ReplaceScript(), {NameOf(key)},
            {DigitsOf(version), "m", MillisecondsOf(kMarkTtl)})
      .IgnoreError();
}

std::string RedisCache::NameOf(absl::string_view key) const {
  return absl::StrCat(prefix_, key);
}

}  // namespace praxis::cache
