// The checks that services have in common.
#ifndef SERVICES_COMMON_OPS_CHECKS_H_
#define SERVICES_COMMON_OPS_CHECKS_H_

#include "absl/strings/string_view.h"
#include "services/common/access/projection.h"
#include "services/common/events/log.h"
#include "services/common/ops/status_board.h"
#include "services/common/sql/database.h"

namespace praxis::ops {

// What they look at outlives them.

// "database": that it answers.
Check CheckOf(sql::Database& database);

// "events": the number of the `latest` event and, in the process that fills a
// stream, of the last one `published`.
Check CheckOf(const events::Log& log);

// "access": whether the lease holds by which private things are shown, and how
// far it has come in the log of `source`, under that name.
Check CheckOf(const access::Projection& projection, absl::string_view source);

}  // namespace praxis::ops

#endif  // SERVICES_COMMON_OPS_CHECKS_H_
