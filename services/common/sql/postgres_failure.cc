#include "services/common/sql/postgres_failure.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::sql {
namespace {

absl::Status Unavailable() {
  return Error(errors::v1::STORAGE_UNAVAILABLE,
               "Storage failed and nothing was written; try again later.");
}

void Log(absl::string_view sqlstate, absl::string_view message,
         absl::string_view sql) {
  std::string line = absl::StrCat("postgres: ", message, " (", sqlstate,
                                  "): ", sql.substr(0, 200));
  absl::RemoveExtraAsciiWhitespace(&line);
  spdlog::error("{}", absl::StrReplaceAll(line, {{"\n", " "}}));
}

// Answers that are no defect of anyone's, and are not logged.
PostgresFailure Expected(absl::string_view sqlstate) {
  if (sqlstate == "23505") {  // unique_violation
    return {PostgresRemedy::kNone,
            Error(errors::v1::NAME_TAKEN,
                  "This name is taken already; choose another.")};
  }
  // serialization_failure, deadlock_detected
  if (sqlstate == "40001" || sqlstate == "40P01") {
    return {PostgresRemedy::kRerun,
            RetryAfter(Error(errors::v1::OVERLOADED,
                             "Too many changes of the same at once; try again "
                             "in a moment."),
                       absl::Milliseconds(100))};
  }
  if (sqlstate == "57014") {  // query_canceled, by statement_timeout
    return {PostgresRemedy::kNone,
            Error(errors::v1::DEADLINE_EXCEEDED,
                  "Storage took longer than there was time; try again later.")};
  }
  // character_not_in_repertoire, untranslatable_character: U+0000, which is
  // valid UTF-8, has no place in a TEXT.
  if (sqlstate == "22021" || sqlstate == "22P05") {
    return {PostgresRemedy::kNone,
            Error(errors::v1::FIELD_INVALID,
                  "A text holds a character that cannot be stored; leave out "
                  "U+0000.")};
  }
  return {};
}

// The server answers, but this connection to it is of no use.
bool IsOfConnection(absl::string_view sqlstate, absl::string_view message) {
  // protocol_violation: a wrong number of parameters.
  if (sqlstate == "08P01") return false;
  return absl::StartsWith(sqlstate, "08") ||
         // Shutting down, crashed, starting up.
         absl::StartsWith(sqlstate, "57P") ||
         // idle_in_transaction_session_timeout
         sqlstate == "25P03" ||
         // read_only_sql_transaction: a primary no longer.
         sqlstate == "25006" ||
         // invalid_sql_statement_name: someone pools behind our back.
         sqlstate == "26000" ||
         // A prepared statement whose table has changed since.
         (sqlstate == "0A000" && absl::StrContains(message, "cached plan"));
}

// What the server may recover from without us.
bool IsOfServer(absl::string_view sqlstate) {
  return absl::StartsWith(sqlstate, "53") ||  // disk, memory, connections
         absl::StartsWith(sqlstate, "58") ||  // system error
         absl::StartsWith(sqlstate, "XX") ||  // internal error, corruption
         sqlstate == "55P03";                 // lock_timeout
}

}  // namespace

PostgresFailure FailureOf(absl::string_view sqlstate, absl::string_view message,
                          absl::string_view sql) {
  PostgresFailure expected = Expected(sqlstate);
  if (!expected.status.ok()) return expected;
  Log(sqlstate, message, sql);
  if (IsOfConnection(sqlstate, message)) {
    return {PostgresRemedy::kReconnect, Unavailable()};
  }
  if (IsOfServer(sqlstate)) return {PostgresRemedy::kNone, Unavailable()};
  return {PostgresRemedy::kNone,
          Error(errors::v1::INTERNAL,
                "A query of the service is wrong; its log says more.")};
}

PostgresFailure ConnectionFailure(absl::string_view message) {
  Log("connection", message, "");
  return {PostgresRemedy::kReconnect, Unavailable()};
}

PostgresFailure QueryDefect(absl::string_view what, absl::string_view sql) {
  Log("defect", what, sql);
  return {PostgresRemedy::kNone,
          Error(errors::v1::INTERNAL,
                "A query of the service is wrong; its log says more.")};
}

}  // namespace praxis::sql
