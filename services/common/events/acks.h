// Acks: how far each consumer of a log has come, and who may be ahead of whom.
#ifndef SERVICES_COMMON_EVENTS_ACKS_H_
#define SERVICES_COMMON_EVENTS_ACKS_H_

#include <cstdint>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/events/lease_view.h"
#include "services/common/sql/database.h"

namespace praxis::events {

// The acknowledgements of one log, and the leases they carry. On PostgreSQL
// they are in a table, for one replica acknowledges at any other; on SQLite,
// where one process has the log to itself, in memory. Thread-safe.
class Acks {
 public:
  struct Options {
    // Granted with each acknowledgement.
    absl::Duration lease = absl::Seconds(3);
    // How long after the start there may still be consumers with leases of an
    // earlier process, of whom a log in memory knows nothing.
    absl::Duration grace;
  };

  Acks(sql::Database& db, Options options);

  absl::Duration lease() const { return options_.lease; }

  // `consumer` has applied every event up to `number`.
  absl::Status Put(absl::string_view consumer, int64_t number);
  // Nobody waits for `consumer` any more, which has given its lease back.
  absl::Status Remove(absl::string_view consumer);

  // Whether each consumer that may rely on its lease has come to `number`.
  absl::StatusOr<bool> Passed(int64_t number);

  // Looks at what is there, so that a consumer that is gone is known to be gone
  // before someone waits for it; forgets those that have long been gone.
  // Whether someone has acknowledged since the last look. To be called about
  // every second.
  absl::StatusOr<bool> Observe();

  // As last observed, for those who watch.
  std::vector<Acknowledgement> Snapshot() const;

 private:
  absl::StatusOr<std::vector<Acknowledgement>> All();
  absl::Status Forget(const std::vector<Acknowledgement>& lapsed);

  sql::Database& db_;
  const Options options_;
  const absl::Duration start_;

  mutable std::mutex mutex_;
  std::vector<Acknowledgement> all_;
  LeaseView view_;
};

}  // namespace praxis::events

#endif  // SERVICES_COMMON_EVENTS_ACKS_H_
