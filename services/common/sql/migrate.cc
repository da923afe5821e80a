#include "services/common/sql/migrate.h"

#include <algorithm>
#include <cstddef>

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

absl::StatusOr<std::vector<std::string>> StepsDone(
    Database& db, const std::string& component) {
  std::vector<std::string> names;
  RETURN_IF_ERROR(db.Read([&](Reader& reader) {
    return reader.Query(
        "SELECT name FROM schema_steps WHERE component = $1 ORDER BY name",
        {component}, [&](const Row& row) {
          names.push_back(row.String(0));
          return absl::OkStatus();
        });
  }));
  return names;
}

// The steps done must be the first ones of `schema`.
absl::Status CheckKnown(const Schema& schema,
                        const std::vector<std::string>& done) {
  for (size_t i = 0; i < done.size(); ++i) {
    if (i < schema.migrations.size() && schema.migrations[i].name == done[i]) {
      continue;
    }
    spdlog::error("schema: {} has the unknown step {}", schema.component,
                  done[i]);
    return Error(errors::v1::STORAGE_UNAVAILABLE,
                 "The database was written by a newer version; use that.");
  }
  return absl::OkStatus();
}

absl::Status Apply(Database& db, const std::string& component,
                   const Migration& migration) {
  if (!IsName(component) || !IsName(migration.name)) {
    return Defect(component + "/" + migration.name + ": not a name");
  }
  ASSIGN_OR_RETURN(const std::string text, TextFor(migration, db.dialect()));
  RETURN_IF_ERROR(db.Script(absl::StrCat(
      text, "INSERT INTO schema_steps (component, name, time) VALUES ('",
      component, "', '", migration.name, "', ", absl::ToUnixMicros(absl::Now()),
      ");")));
  spdlog::info("schema: {} is at {}", component, migration.name);
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(Database& db, const std::vector<Schema>& schemas) {
  RETURN_IF_ERROR(db.Script(kStepsTable));
  for (const Schema& schema : schemas) {
    ASSIGN_OR_RETURN(const std::vector<std::string> done,
                     StepsDone(db, schema.component));
    RETURN_IF_ERROR(CheckKnown(schema, done));
    for (size_t i = done.size(); i < schema.migrations.size(); ++i) {
      RETURN_IF_ERROR(Apply(db, schema.component, schema.migrations[i]));
    }
  }
  return absl::OkStatus();
}

}  // namespace praxis::sql
