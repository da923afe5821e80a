// Reading the table of events.
#ifndef SERVICES_COMMON_EVENTS_READ_H_
#define SERVICES_COMMON_EVENTS_READ_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/sql/database.h"

namespace praxis::events {

// Number of the newest event, 0 when there is none.
absl::StatusOr<int64_t> NewestIn(sql::Reader& reader);

// Adds the events of `source` after `after`, at most `limit`. An event that
// does not parse comes with its number, type and name only.
absl::Status ReadIn(sql::Reader& reader, const std::string& source,
                    int64_t after, int limit, v1::ReadEventsResponse* response);

// Takes away what a watch does not tell: data and access.
inline void StripContent(v1::Event* event) {
  event->clear_data();
  event->clear_access();
}

// Adds the events whose name is `scope` or lies under it, without data and
// access, of those after `after` up to `to`, at most `limit`.
absl::Status ReadUnder(sql::Reader& reader, const std::string& source,
                       absl::string_view scope, int64_t after, int64_t to,
                       int limit, v1::ReadEventsResponse* response);

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_READ_H_
