// Relay: gives committed events their numbers and sends them on.
#ifndef SERVICES_COMMON_EVENTS_RELAY_H_
#define SERVICES_COMMON_EVENTS_RELAY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/events/publisher.h"
#include "services/common/sql/database.h"

namespace praxis::events {

// One replica's part in relaying its service's log.
//
// PostgreSQL commits out of order: a transaction may commit after others that
// took a later id, so a reader that asks for what is above the last id it saw
// would miss it for ever. Hence the number is given after commit, in the order
// of the ids that can be seen, and readers go by it alone. One replica does so
// at a time. It holds a lease by the database's clock, but does not depend on
// it: numbering changes the lease's row, so that of two relays the one that
// read the row before the other changed it is turned away. What it publishes
// carries the number, and the stream takes none that is not above its last.
//
// Not thread-safe: the log's own thread calls it.
class Relay {
 public:
  // All but `holder`, which names this replica, outlive this. `publisher` may
  // be null.
  Relay(sql::Database& db, const std::string& source, std::string holder,
        Publisher* publisher);

  // Numbers what was committed. False when there is something to number and
  // another replica has the lease: that one may be dead, so ask again soon. On
  // SQLite, which numbers as it writes, always true.
  absl::StatusOr<bool> Number();

  // Publishes some of what is numbered, up to `latest`, if that is this
  // replica's task; whether there is more. After a failure it finds out anew
  // how far the stream has come.
  absl::StatusOr<bool> Publish(int64_t latest);

  // Number of the newest event known to be in the stream.
  int64_t published() const { return published_.value_or(0); }

 private:
  absl::Status NumberIn(sql::Tx& tx, bool* holds, int64_t* numbered);
  absl::StatusOr<bool> PublishSome(int64_t latest);

  sql::Database& db_;
  const std::string source_;
  const std::string holder_;
  Publisher* const publisher_;
  // Whether this replica had the lease when it last looked.
  bool holds_;
  // Not set: not known.
  std::optional<int64_t> published_;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_RELAY_H_
