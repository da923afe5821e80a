// NotesTest: a database with a little in it, for the tests of what every
// driver does alike.
#ifndef SERVICES_COMMON_TESTING_NOTES_H_
#define SERVICES_COMMON_TESTING_NOTES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/sql/database.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"

namespace praxis::testing {

// No note, and the counter "hits" at 0.
class NotesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<sql::Database>> opened = OpenTestDatabase();
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
    ASSERT_THAT(db_->Script(R"(
      CREATE TABLE notes (
        id BIGINT PRIMARY KEY,
        title TEXT NOT NULL UNIQUE,
        body BYTEA
      );
      CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
      INSERT INTO counters (name, value) VALUES ('hits', 0);
    )"),
                Succeeds());
  }

  static absl::Status Insert(sql::Tx& tx, int64_t id, absl::string_view title) {
    return tx
        .Execute("INSERT INTO notes (id, title) VALUES ($1, $2)", {id, title})
        .status();
  }
  absl::Status Insert(int64_t id, absl::string_view title) {
    return db_->Write([&](sql::Tx& tx) { return Insert(tx, id, title); });
  }

  static absl::StatusOr<std::vector<std::string>> Titles(sql::Reader& reader) {
    std::vector<std::string> titles;
    RETURN_IF_ERROR(reader.Query("SELECT title FROM notes ORDER BY id", {},
                                 [&](const sql::Row& row) {
                                   titles.push_back(row.String(0));
                                   return absl::OkStatus();
                                 }));
    return titles;
  }
  std::vector<std::string> Titles() {
    std::vector<std::string> titles;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(titles, Titles(reader));
      return absl::OkStatus();
    }),
                Succeeds());
    return titles;
  }

  int64_t Hits() {
    int64_t hits = -1;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(hits,
                       reader.One("SELECT value FROM counters", {}, "",
                                  [](const sql::Row& r) { return r.Int(0); }));
      return absl::OkStatus();
    }),
                Succeeds());
    return hits;
  }

  std::unique_ptr<sql::Database> db_;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_NOTES_H_
