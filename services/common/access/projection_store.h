// The tables of the projection.
#ifndef SERVICES_COMMON_ACCESS_PROJECTION_STORE_H_
#define SERVICES_COMMON_ACCESS_PROJECTION_STORE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "praxis/events/v1/events.pb.h"
#include "services/common/access/access.h"
#include "services/common/sql/database.h"

namespace praxis::access {

// Number of the last event of `source` that was applied, 0 before the first.
absl::StatusOr<int64_t> GetPosition(sql::Reader& reader,
                                    absl::string_view source);
absl::Status PutPosition(sql::Tx& tx, absl::string_view source, int64_t number);

// Applies what `event` says about access, if anything. Only the database's own
// failures are errors: an event that makes no sense here is logged and skipped,
// and one of a scope that has dead letters joins them.
absl::Status ApplyEvent(sql::Tx& tx, const events::v1::Event& event);

// Gives `event` up, which the database refused with `error`: it becomes a dead
// letter, and its scope is hidden from everyone.
absl::Status Bury(sql::Tx& tx, const events::v1::Event& event,
                  absl::string_view error);

absl::StatusOr<int64_t> CountDeadLetters(sql::Reader& reader);

absl::StatusOr<Standing> GetStanding(sql::Reader& reader,
                                     absl::string_view principal,
                                     absl::string_view scope);

}  // namespace praxis::access

#endif  // SERVICES_COMMON_ACCESS_PROJECTION_STORE_H_
