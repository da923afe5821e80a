// Where a relay puts what has been numbered.
#ifndef SERVICES_COMMON_EVENTS_PUBLISHER_H_
#define SERVICES_COMMON_EVENTS_PUBLISHER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "praxis/events/v1/events.pb.h"

namespace praxis::events {

// A stream of one source's events for many consumers, faster than asking the
// source, and allowed to lose everything: the log is what is true. Thread-safe.
class Publisher {
 public:
  virtual ~Publisher() = default;

  // Number of the newest event in the stream, 0 when it is empty.
  virtual absl::StatusOr<int64_t> Last() = 0;

  // Adds `events`, in the order of their numbers. One at or below Last() is in
  // the stream or was trimmed, and is passed over: a relay that is late can
  // neither double nor reorder.
  virtual absl::Status Publish(absl::Span<const v1::Event> events) = 0;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_PUBLISHER_H_
