// EventOf: what every event of a call says.
#ifndef SERVICES_COMMON_RPC_EVENT_H_
#define SERVICES_COMMON_RPC_EVENT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/rpc/call.h"

namespace praxis::rpc {

// A time as messages hold it, to the microsecond, which is what is stored.
inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      absl::ToUnixMicros(time));
}

// That `call` changed `resource`, a message with a name, to what it is now.
template <typename Resource>
events::v1::Event EventOf(absl::string_view type, const Resource& resource,
                          const Call& call) {
  events::v1::Event event;
  event.set_type(std::string(type));
  event.set_name(resource.name());
  event.set_actor(call.caller.name);
  *event.mutable_time() = ToTimestamp(call.time);
  event.set_trace_id(call.trace_id);
  event.mutable_data()->PackFrom(resource);
  return event;
}

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_EVENT_H_
