// Feed: the handlers of EventService.
#ifndef SERVICES_COMMON_EVENTS_SERVER_FEED_H_
#define SERVICES_COMMON_EVENTS_SERVER_FEED_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/events/log.h"
#include "services/common/rpc/call.h"
#include "services/common/rpc/stream.h"

namespace praxis::telemetry {
class Registry;
}  // namespace praxis::telemetry

namespace praxis::events {

// Reads and watches the logs, and notes how far their consumers have come.
//
// An answer holds at most about 1 MiB of events, so that it fits into a message
// whatever the events hold: fewer events than asked for does not mean that
// there are no more; `latest` tells.
//
// The gauges praxis_events_acked_number, praxis_events_latest_number and
// praxis_events_published_number show how far each kind of consumer has come.
class Feed {
 public:
  // All outlive this.
  Feed(std::vector<Log*> logs, telemetry::Registry& registry)
      : logs_(std::move(logs)), registry_(registry) {}

  absl::StatusOr<v1::ReadEventsResponse> ReadEvents(
      const rpc::Call& call, const v1::ReadEventsRequest& request);

  // Ends when its log is interrupted: the server stops.
  absl::StatusOr<std::unique_ptr<rpc::ServerStream<v1::WatchEventsResponse>>>
  WatchEvents(const rpc::Call& call, const v1::WatchEventsRequest& request);

  // FIELD_INVALID for a number that no event has: the consumer has read
  // another log than this one.
  absl::StatusOr<v1::AckEventsResponse> AckEvents(
      const rpc::Call& call, const v1::AckEventsRequest& request);

 private:
  // The log that `source` names; it may be empty where there is one only.
  absl::StatusOr<Log*> LogOf(const std::string& source) const;
  void ShowProgress(const Log& log, const v1::AckEventsRequest& request,
                    const Grant& grant);

  const std::vector<Log*> logs_;
  telemetry::Registry& registry_;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_SERVER_FEED_H_
