#include "services/common/sql/migrate.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/sql/database.h"
#include "services/common/status/status.h"
#include "spdlog/spdlog.h"

namespace praxis::sql {
namespace {

// Two that make a table at once clash even so; the number is this lock's own.
constexpr char kStepsTableLock[] =
    "SELECT pg_advisory_xact_lock(5785235486120247922);";
constexpr char kStepsTable[] = R"(
CREATE TABLE IF NOT EXISTS schema_steps (
  component TEXT NOT NULL,
  name TEXT NOT NULL,
  time BIGINT NOT NULL,
  PRIMARY KEY (component, name)
);
)";

absl::Status Defect(const std::string& what) {
  spdlog::error("schema: {}", what);
  return Error(errors::v1::INTERNAL,
               "The service's schema is wrong; its log says more.");
}

bool IsName(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_';
  });
}

// The lines of `migration` that are meant for `dialect`.
absl::StatusOr<std::string> TextFor(const Migration& migration,
                                    Dialect dialect) {
  std::string text;
  bool in_section = false;
  bool wanted = true;
  for (const absl::string_view line : absl::StrSplit(migration.sql, '\n')) {
    const absl::string_view mark = absl::StripAsciiWhitespace(line);
    const bool sqlite = mark == "-- sqlite";
    if (sqlite || mark == "-- postgres") {
      if (in_section) break;
      in_section = true;
      wanted = sqlite == (dialect == Dialect::kSqlite);
    } else if (mark == "-- end") {
      if (!in_section) return Defect(migration.name + ": -- end alone");
      in_section = false;
      wanted = true;
    } else if (wanted) {
      absl::StrAppend(&text, line, "\n");
    }
  }
  if (in_section) return Defect(migration.name + ": a section has no -- end");
  return text;
}

// By component, in order.
using Steps = std::map<std::string, std::vector<std::string>>;

absl::StatusOr<Steps> StepsDone(Database& db) {
  Steps steps;
  RETURN_IF_ERROR(db.Read([&](Reader& reader) {
    steps.clear();
    return reader.Query(
        "SELECT component, name FROM schema_steps ORDER BY component, name", {},
        [&](const Row& row) {
          steps[row.String(0)].push_back(row.String(1));
          return absl::OkStatus();
        });
  }));
  return steps;
}

// The steps done must be the first ones of `schema`.
absl::Status CheckKnown(const Schema& schema,
                        const std::vector<std::string>& done) {
  const std::vector<Migration>& known = schema.migrations;
  for (size_t i = 0; i < done.size(); ++i) {
    if (i < known.size() && known[i].name == done[i]) continue;
    spdlog::error("schema: {} has the unknown step {}", schema.component,
                  done[i]);
    return Error(errors::v1::STORAGE_UNAVAILABLE,
                 "The database was written by a newer version; use that.");
  }
  return absl::OkStatus();
}

absl::Status CheckAllKnown(const std::vector<Schema>& schemas, Steps done) {
  for (const Schema& schema : schemas) {
    RETURN_IF_ERROR(CheckKnown(schema, done[schema.component]));
    done.erase(schema.component);
  }
  if (done.empty()) return absl::OkStatus();
  spdlog::error("schema: {} is unknown", done.begin()->first);
  return Error(errors::v1::STORAGE_UNAVAILABLE,
               "The database is another service's or a newer version's.");
}

// The step's row comes first: who comes second waits at it and, when the first
// has committed, is told that it is there. That may take as long as the step
// does; any other lock is waited for briefly, as everyone else would queue up
// behind.
absl::Status Apply(Database& db, const std::string& component,
                   const Migration& migration) {
  if (!IsName(component) || !IsName(migration.name)) {
    return Defect(component + "/" + migration.name + ": not a name");
  }
  ASSIGN_OR_RETURN(const std::string text, TextFor(migration, db.dialect()));
  std::string row = absl::StrCat(
      "INSERT INTO schema_steps (component, name, time) VALUES ('", component,
      "', '", migration.name, "', ", absl::ToUnixMicros(absl::Now()), ");\n");
  if (db.dialect() == Dialect::kPostgres) {
    row = absl::StrCat("SET LOCAL lock_timeout = 0;\n", row,
                       "SET LOCAL lock_timeout = '5s';\n");
  }
  RETURN_IF_ERROR(db.Script(row + text));
  spdlog::info("schema: {} is at {}", component, migration.name);
  return absl::OkStatus();
}

// Names and ids are compared as bytes, as SQLite does: their order is that of
// pages.
absl::Status CheckCollation(Database& db) {
  std::string collation;
  RETURN_IF_ERROR(db.Read([&](Reader& reader) {
    return reader.Query(
        "SELECT datcollate || '/' || pg_encoding_to_char(encoding)"
        " FROM pg_database"
        " WHERE datname = current_database() AND datlocprovider = 'c'",
        {}, [&](const Row& row) {
          collation = row.String(0);
          return absl::OkStatus();
        });
  }));
  for (const char* good :
       {"C/UTF8", "POSIX/UTF8", "C.UTF-8/UTF8", "C.utf8/UTF8"}) {
    if (collation == good) return absl::OkStatus();
  }
  spdlog::error("schema: the database's collation is '{}'", collation);
  return Error(errors::v1::STORAGE_UNAVAILABLE,
               "The database sorts by a language; make it by CREATE DATABASE "
               "... ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0.");
}

absl::Status Prepare(Database& db) {
  if (db.dialect() == Dialect::kSqlite) return db.Script(kStepsTable);
  RETURN_IF_ERROR(CheckCollation(db));
  return db.Script(absl::StrCat(kStepsTableLock, kStepsTable));
}

// The first step that is not done.
std::optional<std::pair<std::string, Migration>> NextStep(
    const std::vector<Schema>& schemas, Steps done) {
  for (const Schema& schema : schemas) {
    const size_t count = done[schema.component].size();
    if (count < schema.migrations.size()) {
      return {{schema.component, schema.migrations[count]}};
    }
  }
  return std::nullopt;
}

}  // namespace

absl::Status Migrate(Database& db, const std::vector<Schema>& schemas) {
  RETURN_IF_ERROR(Prepare(db));
  std::string taken;
  while (true) {
    ASSIGN_OR_RETURN(const Steps done, StepsDone(db));
    RETURN_IF_ERROR(CheckAllKnown(schemas, done));
    const auto next = NextStep(schemas, done);
    if (!next.has_value()) return absl::OkStatus();

    const auto& [component, migration] = *next;
    const std::string name = absl::StrCat(component, "/", migration.name);
    if (name == taken) return Defect(name + " breaks a unique key");
    const absl::Status status = Apply(db, component, migration);
    // Another process has been faster; or it is the step itself that clashes.
    if (ReasonOf(status) == errors::v1::NAME_TAKEN) {
      taken = name;
    } else {
      RETURN_IF_ERROR(status);
    }
  }
}

}  // namespace praxis::sql
