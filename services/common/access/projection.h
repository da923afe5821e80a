// The projection: a service's own copy of who may do what, fed by events.
#ifndef SERVICES_COMMON_ACCESS_PROJECTION_H_
#define SERVICES_COMMON_ACCESS_PROJECTION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "services/common/access/access.h"
#include "services/common/events/source.h"
#include "services/common/sql/database.h"
#include "services/common/sql/migrate.h"

namespace praxis::telemetry {
class Registry;
}  // namespace praxis::telemetry

namespace praxis::access {

// How a projection works.
struct ProjectionOptions {
  // Which consumer it is, "discussions/access"; each process of it adds a word
  // of its own.
  std::string consumer = "access";
  // Where its position, its lease and its dead letters show. May be null; else
  // outlives the projection.
  telemetry::Registry* registry = nullptr;
};

// Keeps tables access_scopes (scope, visibility) and access_grants (scope,
// principal, role) in the service's own database, so that a list or a search
// filters by a local join (readable_scopes.h) and reading costs no call.
//
// A follower (events/follower.h) brings the source's events, and each batch is
// applied in one transaction with the position it has come to, whatever
// replicas do so at the same time: an event at or below the position is
// skipped. What a newer service might say by an event (a visibility that is not
// known here) is taken for the strictest. An event that the database refuses
// five times goes to the table access_dead_letters, and its scope is hidden
// from everyone until an operator has looked; other scopes go on.
//
// The thread acknowledges each change of access at once, and that it is alive
// every second, and holds a lease for it (lease.h): while the lease holds,
// nobody is told that access was taken away before this projection knows. When
// it does not, what is asked for here is first read from the source; and when
// the source does not answer, only what is public can be read.
//
// A standing that was asked for is kept in memory until an event changes any
// access, so that asking again costs 0.1 us instead of 3.
class Projection : public Access {
 public:
  // Goes on where it stopped; `db` has ProjectionSchema(). It starts whether or
  // not the source answers. `db` and `source` must outlive it; stopping it
  // leaves the source in use by others.
  static absl::StatusOr<std::unique_ptr<Projection>> Start(
      sql::Database& db, events::Source& source,
      const ProjectionOptions& options = {});

  // Number of the last event applied.
  virtual int64_t position() const = 0;
};

// Component access: the tables above, and access_positions.
const sql::Schema& ProjectionSchema();

}  // namespace praxis::access

#endif  // SERVICES_COMMON_ACCESS_PROJECTION_H_
