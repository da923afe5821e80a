// Schema: the tables of one component, brought forward step by step.
#ifndef SERVICES_COMMON_SQL_MIGRATE_H_
#define SERVICES_COMMON_SQL_MIGRATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace praxis::sql {

class Database;

// One step; never edited once it has landed.
struct Migration {
  // "0001_init": the number orders the steps. Of [A-Za-z0-9_].
  std::string name;
  // Statements that end in ";". Lines between a line "-- sqlite" or
  // "-- postgres" and a line "-- end" run on that dialect only; they may be
  // part of a statement (WITHOUT ROWID). Types that mean the same on both:
  // BIGINT for integers, times and flags, TEXT, and BYTEA for Param::Blob.
  std::string sql;
};

// Every step of one component, in order.
struct Schema {
  // "events", "access", "members" ...
  std::string component;
  std::vector<Migration> migrations;
};

// Brings the database to the newest step of `schemas`, which are all that are
// in it. Each step is one transaction with its row in `schema_steps`, so that a
// start cut short goes on where it stopped, and several processes that start at
// once run each step once. STORAGE_UNAVAILABLE when it has steps or components
// that this build does not know (it was written by a newer one), when it sorts
// text otherwise than by bytes, or when a step's lock is not to be had.
absl::Status Migrate(Database& db, const std::vector<Schema>& schemas);

}  // namespace praxis::sql

#endif  // SERVICES_COMMON_SQL_MIGRATE_H_
