// What PostgreSQL refuses, and what is to be done about it.
#ifndef SERVICES_COMMON_SQL_POSTGRES_FAILURE_H_
#define SERVICES_COMMON_SQL_POSTGRES_FAILURE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace praxis::sql {

// What a failure leaves to be done.
enum class PostgresRemedy {
  // Nothing: it is the answer.
  kNone,
  // It was run without a transaction and needs one: run it again.
  kBeginAnew,
  // The transaction clashed with another one: run it again.
  kRerun,
  // The connection is gone or of no use: run it again on another one.
  kReconnect,
};

// One failure. `status` is fit for callers: details are in the log.
struct PostgresFailure {
  PostgresRemedy remedy = PostgresRemedy::kNone;
  absl::Status status;
};

// By SQLSTATE (PostgreSQL 15, appendix A). `message` and `sql` go to the log.
PostgresFailure FailureOf(absl::string_view sqlstate, absl::string_view message,
                          absl::string_view sql);

// The connection broke, with libpq's `message`.
PostgresFailure ConnectionFailure(absl::string_view message);

// A defect of the caller's: what a query or its result cannot be.
PostgresFailure QueryDefect(absl::string_view what, absl::string_view sql);

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_POSTGRES_FAILURE_H_
