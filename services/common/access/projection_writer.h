// ProjectionWriter: puts events into the projection's tables.
#ifndef SERVICES_COMMON_ACCESS_PROJECTION_WRITER_H_
#define SERVICES_COMMON_ACCESS_PROJECTION_WRITER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/sql/database.h"

namespace praxis::access {

// Applies a source's events in their order, each once: the position is stored
// with their effect, and what is at or below it is passed over, whichever
// process has applied it. Not thread-safe.
class ProjectionWriter {
 public:
  // `db` must outlive this; `stored` is the position it holds.
  ProjectionWriter(sql::Database& db, std::string source, int64_t stored)
      : db_(db), source_(std::move(source)), stored_(stored) {}

  // Applies a batch in one transaction. When it holds an event that the
  // database refuses, the others are applied one by one, and from the fifth
  // time on that one is buried (see Bury); until then this fails. It fails too,
  // and nothing is applied, when the database has lost what it held, as after a
  // failover: then stored() is less than it was, and what follows that must
  // come again.
  absl::Status Apply(const events::v1::ReadEventsResponse& batch);

  // The position that the database was last known to hold.
  int64_t stored() const { return stored_; }

 private:
  using Event = events::v1::Event;

  absl::Status ApplyOneByOne(const events::v1::ReadEventsResponse& batch);
  absl::Status ApplyRange(const Event* const* begin, const Event* const* end);
  absl::Status GiveUp(const Event& event, const absl::Status& error);

  sql::Database& db_;
  const std::string source_;
  int64_t stored_;
  // The event that was refused last, and how often.
  int64_t failing_ = 0;
  int tries_ = 0;
};

}  // namespace praxis::access

#endif  // SERVICES_COMMON_ACCESS_PROJECTION_WRITER_H_
