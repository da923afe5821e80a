#include "services/common/rpc/write.h"

#include <functional>
#include <string>

#include "google/protobuf/descriptor.h"
#include "services/common/rpc/schema/schema.h"
#include "services/common/status/status.h"

namespace praxis::rpc {
namespace internal {
namespace {

constexpr absl::Duration kKept = absl::Hours(24);

}  // namespace

absl::StatusOr<bool> Recall(sql::Reader& reader, const Call& call,
                            absl::string_view request_id,
                            std::string* response) {
  bool found = false;
  bool same = false;
  RETURN_IF_ERROR(reader.Query(
      "SELECT digest, answer FROM request_answers "
      "WHERE principal = $1 AND method = $2 AND request_id = $3 AND time > $4",
      {call.caller.name, call.method->full_name(), request_id,
       call.time - kKept},
      [&](const sql::Row& row) {
        found = true;
        same = row.Text(0) == call.digest;
        *response = row.String(1);
        return absl::OkStatus();
      }));
  if (found && !same) {
    return Error(Reason::REQUEST_ID_REUSED,
                 "request_id was used for another request; use a new one.");
  }
  return found;
}

absl::Status Remember(sql::Tx& tx, const Call& call,
                      absl::string_view request_id,
                      absl::string_view response) {
  // One write of 64 drops up to 128, so the table stays bounded by what a day
  // brings without a job of its own. Not each write: those of several writers
  // would drop the same rows and fail for each other (PostgreSQL: a sixth of
  // the writes a second).
  if (std::hash<std::string>()(std::string(request_id)) % 64 == 0) {
    RETURN_IF_ERROR(
        tx.Execute("DELETE FROM request_answers "
                   "WHERE (principal, method, request_id) IN ("
                   "  SELECT principal, method, request_id FROM request_answers"
                   "  WHERE time <= $1 ORDER BY time LIMIT 128)",
                   {call.time - kKept})
            .status());
  }
  ASSIGN_OR_RETURN(
      [[maybe_unused]] const int64_t added,
      tx.Execute("INSERT INTO request_answers "
                 "(principal, method, request_id, digest, answer, time) "
                 "VALUES ($1, $2, $3, $4, $5, $6) "
                 // One that has expired and was not dropped yet.
                 "ON CONFLICT (principal, method, request_id) DO UPDATE SET "
                 "digest = excluded.digest, answer = excluded.answer, "
                 "time = excluded.time",
                 {call.caller.name, call.method->full_name(), request_id,
                  sql::Param::Blob(call.digest), sql::Param::Blob(response),
                  call.time}));
  return absl::OkStatus();
}

}  // namespace internal

const sql::Schema& WriteSchema() {
  static const sql::Schema& schema = *new sql::Schema(RpcSchema());
  return schema;
}

}  // namespace praxis::rpc
