// The events of this service, as the policies in resources.proto name them.
#ifndef SERVICES_RESOURCES_HANDLERS_EVENTS_H_
#define SERVICES_RESOURCES_HANDLERS_EVENTS_H_

#include "praxis/events/v1/events.pb.h"
#include "praxis/resources/v1/resources.pb.h"
#include "services/common/rpc/call.h"

namespace praxis::resources {

// `data` is the resource after the change.
events::v1::Event ResourceCreated(const v1::Resource& resource,
                                  const rpc::Call& call);
events::v1::Event ResourceUploaded(const v1::Resource& resource,
                                   const rpc::Call& call);

}  // namespace praxis::resources

#endif  // SERVICES_RESOURCES_HANDLERS_EVENTS_H_
