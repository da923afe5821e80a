#include "services/common/events/stream/stream_source.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/events/stream/stream.h"
#include "services/common/redis/clock.h"
#include "services/common/status/status.h"

namespace praxis::events::stream {
namespace {

// The events of an XREAD of one stream, [[key, [entry, ...]]], that follow
// `after` without a hole.
v1::ReadEventsResponse Following(const redis::Reply& reply, int64_t after,
                                 absl::string_view source) {
  v1::ReadEventsResponse response;
  response.set_latest(after);
  if (reply.items.empty() || reply.items[0].items.size() != 2) return response;
  for (const redis::Reply& entry : reply.items[0].items[1].items) {
    std::optional<v1::Event> event = EventOf(entry, source);
    if (!event.has_value() || event->number() != response.latest() + 1) break;
    response.set_latest(event->number());
    *response.add_events() = *std::move(event);
  }
  return response;
}

}  // namespace

StreamSource::StreamSource(Source& source, redis::Client& client)
    : source_(source), client_(client), key_(KeyOf(source.name())) {}

absl::StatusOr<v1::ReadEventsResponse> StreamSource::Next(
    int64_t after, int limit, absl::Duration timeout) {
  const absl::Duration start = redis::MonotonicNow();
  const absl::StatusOr<redis::Reply> reply =
      Await(after, limit, std::min(timeout, kSilence));
  if (reply.ok()) {
    v1::ReadEventsResponse response = Following(*reply, after, source_.name());
    const bool is_silence = reply->kind == redis::Reply::Kind::kNil;
    if (is_silence || !response.events().empty()) return response;
    // Logged: it is a setting of the server that is wrong.
    redis::ErrorOf(*reply).IgnoreError();
  } else if (ReasonOf(reply.status()) == errors::v1::CANCELLED) {
    return Following(redis::Reply(), after, source_.name());
  }
  const absl::Duration left = start + timeout - redis::MonotonicNow();
  return source_.Next(after, limit, std::max(left, absl::ZeroDuration()));
}

absl::StatusOr<redis::Reply> StreamSource::Await(int64_t after, int limit,
                                                 absl::Duration wait) {
  const redis::Interruption interruption;
  {
    absl::MutexLock lock(&mutex_);
    if (interrupted_) return Error(errors::v1::CANCELLED, "It is ending.");
    waits_.push_back(&interruption);
  }
  // BLOCK 0 would be for ever.
  const int64_t block_ms =
      std::max<int64_t>(1, absl::ToInt64Milliseconds(wait));
  absl::StatusOr<redis::Reply> reply = client_.Await(
      {"XREAD", "COUNT", absl::StrCat(limit), "BLOCK", absl::StrCat(block_ms),
       "STREAMS", key_, absl::StrCat(after, "-0")},
      wait, interruption);
  absl::MutexLock lock(&mutex_);
  waits_.erase(std::find(waits_.begin(), waits_.end(), &interruption));
  return reply;
}

void StreamSource::Interrupt() {
  {
    absl::MutexLock lock(&mutex_);
    interrupted_ = true;
    for (const redis::Interruption* wait : waits_) wait->Signal();
  }
  source_.Interrupt();
}

void StreamSource::Wake() {
  {
    absl::MutexLock lock(&mutex_);
    for (const redis::Interruption* wait : waits_) wait->Signal();
  }
  source_.Wake();
}

}  // namespace praxis::events::stream
