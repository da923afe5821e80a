#include "services/common/events/stream/stream_publisher.h"

#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/events/stream/stream.h"
#include "services/common/status/status.h"

namespace praxis::events::stream {
namespace {

// What goes in one round trip, which must end within the client's timeout.
constexpr size_t kBatchBytes = 256 << 10;

// Redis has no code of its own for an id at or below the last.
bool IsThereAlready(const redis::Reply& reply) {
  return reply.is_error() && absl::StrContains(reply.text, "equal or smaller");
}

}  // namespace

StreamPublisher::StreamPublisher(redis::Client& client,
                                 absl::string_view source, Options options)
    : client_(client), key_(KeyOf(source)), options_(options) {}

// The last id that was given: trimming does not take it back.
absl::StatusOr<int64_t> StreamPublisher::Last() {
  ASSIGN_OR_RETURN(const redis::Reply reply,
                   client_.Call({"XINFO", "STREAM", key_}));
  if (absl::StrContains(reply.text, "no such key")) return 0;
  RETURN_IF_ERROR(redis::ErrorOf(reply));
  for (size_t i = 0; i + 1 < reply.items.size(); i += 2) {
    if (reply.items[i].text != "last-generated-id") continue;
    return NumberOf(reply.items[i + 1].text).value_or(0);
  }
  return 0;
}

absl::Status StreamPublisher::Publish(absl::Span<const v1::Event> events) {
  redis::Commands commands;
  for (const v1::Event& event : events) {
    AddEvent(key_, options_.events_max, event, &commands);
    if (commands.bytes().size() < kBatchBytes) continue;
    RETURN_IF_ERROR(Send(commands));
    commands = redis::Commands();
  }
  return Send(commands);
}

absl::Status StreamPublisher::Send(const redis::Commands& commands) {
  ASSIGN_OR_RETURN(const std::vector<redis::Reply> replies,
                   client_.Batch(commands));
  for (const redis::Reply& reply : replies) {
    if (!reply.is_error() || IsThereAlready(reply)) continue;
    // It would stay full for ever: what would trim it is refused as well.
    if (reply.ErrorCode() == "OOM") RETURN_IF_ERROR(Halve());
    return redis::ErrorOf(reply);
  }
  return absl::OkStatus();
}

absl::Status StreamPublisher::Halve() {
  ASSIGN_OR_RETURN(const redis::Reply length, client_.Call({"XLEN", key_}));
  return client_
      .Call({"XTRIM", key_, "MAXLEN", "~", absl::StrCat(length.integer / 2)})
      .status();
}

}  // namespace praxis::events::stream
