// The events of this service, as events.proto describes them: `data` is the
// resource after the change.
#ifndef SERVICES_DISCUSSIONS_HANDLERS_EVENTS_H_
#define SERVICES_DISCUSSIONS_HANDLERS_EVENTS_H_

#include "praxis/discussions/v1/posts.pb.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/rpc/call.h"

namespace praxis::discussions {

events::v1::Event ThreadCreated(const v1::Thread& thread,
                                const rpc::Call& call);
events::v1::Event ThreadResolved(const v1::Thread& thread,
                                 const rpc::Call& call);
events::v1::Event PostCreated(const v1::Post& post, const rpc::Call& call);
events::v1::Event PostUpdated(const v1::Post& post, const rpc::Call& call);

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_HANDLERS_EVENTS_H_
