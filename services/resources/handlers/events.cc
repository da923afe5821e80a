#include "services/resources/handlers/events.h"

#include "absl/strings/string_view.h"

namespace praxis::resources {
namespace {

events::v1::Event EventOf(absl::string_view type, const v1::Resource& resource,
                          const rpc::Call& call) {
  events::v1::Event event;
  event.set_type(std::string(type));
  event.set_name(resource.name());
  event.set_actor(call.caller.name);
  *event.mutable_time() = resource.update_time();
  event.set_trace_id(call.trace_id);
  event.mutable_data()->PackFrom(resource);
  return event;
}

}  // namespace

events::v1::Event ResourceCreated(const v1::Resource& resource,
                                  const rpc::Call& call) {
  return EventOf("resource.created", resource, call);
}

events::v1::Event ResourceUploaded(const v1::Resource& resource,
                                   const rpc::Call& call) {
  return EventOf("resource.uploaded", resource, call);
}

}  // namespace praxis::resources
