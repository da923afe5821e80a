// The answer to one statement.
#ifndef SERVICES_COMMON_SQL_POSTGRES_RESULT_H_
#define SERVICES_COMMON_SQL_POSTGRES_RESULT_H_

#include <libpq-fe.h>

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "services/common/sql/database.h"

namespace praxis::sql {

// All rows of a statement, or its failure, in PostgreSQL's binary format.
struct PostgresResult {
  struct Free {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Free> rows;

  // Rows that a change touched; 0 for a SELECT.
  int64_t Changed() const;

  // False when a column is of a type that Row cannot read.
  bool IsReadable() const;

  // Calls `row` for each row until it refuses one.
  absl::Status ForEach(RowCallback row) const;
};

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_POSTGRES_RESULT_H_
