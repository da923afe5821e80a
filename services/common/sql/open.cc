#include "services/common/sql/open.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/sql/postgres.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"

namespace praxis::sql {
namespace {

constexpr absl::Duration kAwaitedMax = absl::Seconds(30);
constexpr absl::Duration kLookEvery = absl::Milliseconds(200);

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Open(const OpenOptions& options) {
  if (options.postgres.empty()) {
    return OpenSqlite({.path = options.sqlite_path,
                       .on_disk_failure = options.on_disk_failure});
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Database> db,
                   OpenPostgres({.conninfo = options.postgres,
                                 .name = options.name,
                                 .connections = options.connections}));
  // It may be recovering from a crash, or not be there yet.
  const absl::Time end = absl::Now() + kAwaitedMax;
  absl::Status status = db->Check();
  while (!status.ok() && absl::Now() < end) {
    absl::SleepFor(kLookEvery);
    status = db->Check();
  }
  RETURN_IF_ERROR(status);
  return db;
}

}  // namespace praxis::sql
