// Where a consumer reads another service's events.
#ifndef SERVICES_COMMON_EVENTS_SOURCE_H_
#define SERVICES_COMMON_EVENTS_SOURCE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "praxis/events/v1/events.pb.h"

namespace praxis::events {

// What a consumer gets for an acknowledgement.
struct Grant {
  // Number of the newest event there was.
  int64_t latest = 0;
  // How long, from when the acknowledgement was sent, the consumer may rely on
  // what it has applied, once that reaches `latest`. Zero: it was given none.
  absl::Duration lease;
};

// One service's log as others see it. Thread-safe. Adapters: the log itself
// when both live in one process, gRPC otherwise, and a stream in Redis in front
// of either.
class Source {
 public:
  virtual ~Source() = default;

  // "services/members"
  virtual const std::string& name() const = 0;

  // Events after `after`, oldest first, at most `limit` (1 to 1000), and the
  // newest number there is; the source is asked anew by each call.
  virtual absl::StatusOr<v1::ReadEventsResponse> Read(int64_t after,
                                                      int limit) = 0;

  // The next events after `after`, at most `limit`, as soon as there are any;
  // none when `timeout` is over, or on Interrupt. Never leaves one out, but
  // unlike Read it may lag behind the source and not notice: who hears nothing
  // for long reads. `latest` may be no newer than what it answers.
  virtual absl::StatusOr<v1::ReadEventsResponse> Next(
      int64_t after, int limit, absl::Duration timeout) = 0;

  // Tells the source that `consumer` has applied every event up to `number`.
  virtual absl::StatusOr<Grant> Ack(absl::string_view consumer,
                                    int64_t number) = 0;

  // Gives the lease of `consumer` back: it relies on nothing any more.
  virtual absl::Status Leave(absl::string_view consumer) = 0;

  // Makes every Next return, now and from here on (shutdown).
  virtual void Interrupt() = 0;

  // Makes the calls of Next under way return: one consumer is leaving while
  // others stay. An adapter that leaves this out lets them run until their
  // timeout.
  virtual void Wake() {}
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_SOURCE_H_
