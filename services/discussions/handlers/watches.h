// The RPCs of EventService.
#ifndef SERVICES_DISCUSSIONS_HANDLERS_WATCHES_H_
#define SERVICES_DISCUSSIONS_HANDLERS_WATCHES_H_

#include <memory>

#include "absl/status/statusor.h"
#include "praxis/discussions/v1/events.pb.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/events/tail.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/stream.h"

namespace praxis::discussions {

// What happens in a community, told as it happens. Thread-safe.
class Watches {
 public:
  // `tail`, of this service's log, must outlive this.
  explicit Watches(events::Tail& tail) : tail_(tail) {}

  // The events of a community. FIELD_INVALID for a number that is not in the
  // log.
  absl::StatusOr<std::unique_ptr<rpc::ServerStream<events::v1::Event>>>
  WatchEvents(const rpc::Call& call, const v1::WatchEventsRequest& request);

 private:
  events::Tail& tail_;
};

}  // namespace praxis::discussions

#endif  // SERVICES_DISCUSSIONS_HANDLERS_WATCHES_H_
