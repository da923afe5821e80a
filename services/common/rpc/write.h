// Write: a handler's transaction, run once per request_id.
#ifndef SERVICES_COMMON_RPC_WRITE_H_
#define SERVICES_COMMON_RPC_WRITE_H_

#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/rpc/call.h"
#include "services/common/sql/database.h"
#include "services/common/sql/migrate.h"

namespace praxis::rpc {

namespace internal {

// The answer kept for (caller, method, request_id), into `response`. False
// when there is none; REQUEST_ID_REUSED when it answered another message.
absl::StatusOr<bool> Recall(sql::Reader& reader, const Call& call,
                            absl::string_view request_id,
                            std::string* response);

// Keeps `response` for 24 h; now and then drops some that are older.
absl::Status Remember(sql::Tx& tx, const Call& call,
                      absl::string_view request_id, absl::string_view response);

}  // namespace internal

// Runs `body` (Tx& -> StatusOr<Response>) in one transaction and answers what
// it answered. With a request_id, the answer is kept in the same transaction,
// and the same call again answers it without running the body: a retry, also
// of a call that raced or whose commit was in doubt, acts once.
template <typename Body>
auto Write(const Call& call, sql::Database& db, absl::string_view request_id,
           Body body) -> std::invoke_result_t<Body, sql::Tx&> {
  using Result = std::invoke_result_t<Body, sql::Tx&>;
  Result result = absl::UnknownError("");
  absl::Status status = db.Write(
      [&](sql::Tx& tx) -> absl::Status {
        if (!request_id.empty()) {
          std::string kept;
          absl::StatusOr<bool> found =
              internal::Recall(tx, call, request_id, &kept);
          if (!found.ok()) return found.status();
          if (*found) {
            result.emplace().ParseFromString(kept);
            return absl::OkStatus();
          }
        }
        result = body(tx);
        if (!result.ok()) return result.status();
        if (request_id.empty()) return absl::OkStatus();
        return internal::Remember(tx, call, request_id,
                                  result->SerializeAsString());
      },
      {.limit = LimitOf(call), .repeatable = !request_id.empty()});
  if (!status.ok()) return status;
  return result;
}

// Table request_answers (principal, method, request_id, digest, answer, time).
const sql::Schema& WriteSchema();

}  // namespace praxis::rpc

#endif  // SERVICES_COMMON_RPC_WRITE_H_
