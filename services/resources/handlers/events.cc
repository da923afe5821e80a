#include "services/resources/handlers/events.h"

#include "services/common/rpc/event.h"

namespace praxis::resources {

events::v1::Event ResourceCreated(const v1::Resource& resource,
                                  const rpc::Call& call) {
  return rpc::EventOf("resource.created", resource, call);
}

events::v1::Event ResourceUploaded(const v1::Resource& resource,
                                   const rpc::Call& call) {
  return rpc::EventOf("resource.uploaded", resource, call);
}

}  // namespace praxis::resources
