// The form of an event in a Redis stream.
#ifndef SERVICES_COMMON_EVENTS_STREAM_STREAM_H_
#define SERVICES_COMMON_EVENTS_STREAM_STREAM_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/redis/reply.h"

namespace praxis::events::stream {

// "praxis:members:events", for the source "services/members".
std::string KeyOf(absl::string_view source);

// Appends the command that adds `event` to the stream `key`, trimmed to about
// `events_max`. The entry's id is "<number>-0": Redis takes none that is not
// above its last, so nothing is doubled or out of order, and a hole shows.
//
// Its fields are the attributes of CloudEvents 1.0 in their binary form
// (https://github.com/cloudevents/spec), so that others can read it too:
//
//   specversion      "1.0"
//   id               the number; unique within the source
//   source           "services/members"
//   type             "membership.role_changed"
//   subject          the resource name of what changed
//   time             RFC 3339, in UTC
//   datacontenttype  "application/protobuf"
//   data             the praxis.events.v1.Event, serialized
void AddEvent(const std::string& key, int64_t events_max,
              const v1::Event& event, redis::Commands* commands);

// The number in an id, "17-0"; nothing for other ids.
std::optional<int64_t> NumberOf(absl::string_view id);

// The event of an entry as XREAD replies it; nothing for what AddEvent has not
// made of an event of `source`.
std::optional<v1::Event> EventOf(const redis::Reply& entry,
                                 absl::string_view source);

}  // namespace praxis::events::stream

#endif  // SERVICES_COMMON_EVENTS_STREAM_STREAM_H_
