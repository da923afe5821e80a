#include "services/discussions/handlers/events.h"

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/util/time_util.h"

namespace praxis::discussions {
namespace {

// What every event says.
template <typename Resource>
events::v1::Event EventOf(absl::string_view type, const Resource& resource,
                          const rpc::Call& call) {
  events::v1::Event event;
  event.set_type(std::string(type));
  event.set_name(resource.name());
  event.set_actor(call.caller.name);
  *event.mutable_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
          absl::ToUnixMicros(call.time));
  event.set_trace_id(call.trace_id);
  event.mutable_data()->PackFrom(resource);
  return event;
}

}  // namespace

events::v1::Event ThreadCreated(const v1::Thread& thread,
                                const rpc::Call& call) {
  return EventOf("thread.created", thread, call);
}

events::v1::Event ThreadResolved(const v1::Thread& thread,
                                 const rpc::Call& call) {
  return EventOf("thread.resolved", thread, call);
}

events::v1::Event PostCreated(const v1::Post& post, const rpc::Call& call) {
  return EventOf("post.created", post, call);
}

events::v1::Event PostUpdated(const v1::Post& post, const rpc::Call& call) {
  return EventOf("post.updated", post, call);
}

}  // namespace praxis::discussions
