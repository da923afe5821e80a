#include "services/common/sql/migrate.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/sql/database.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::Succeeds;

const Migration kTables = {"0001_init", "CREATE TABLE things (id BIGINT);"};
const Migration kRow = {"0002_row", "INSERT INTO things VALUES (1);"};
const Migration kBroken = {"0002_row",
                           "INSERT INTO things VALUES (1);"
                           "INSERT INTO nowhere VALUES (1);"};

class MigrateTest : public ::testing::Test {
 protected:
  MigrateTest() : db_(*testing::OpenTestDatabase()) {}

  std::vector<std::string> Column(const char* sql) {
    std::vector<std::string> values;
    EXPECT_THAT(db_->Read([&](Reader& reader) {
      return reader.Query(sql, {}, [&](const Row& row) {
        values.push_back(row.String(0));
        return absl::OkStatus();
      });
    }),
                Succeeds());
    return values;
  }
  std::vector<std::string> Steps() {
    return Column(
        "SELECT component || '/' || name FROM schema_steps ORDER BY 1");
  }

  std::unique_ptr<Database> db_;
};

TEST_F(MigrateTest, RunsEachStepOnce) {
  const std::vector<Schema> schemas = {{"things", {kTables, kRow}}};
  EXPECT_THAT(Migrate(*db_, schemas), Succeeds());
  EXPECT_THAT(Migrate(*db_, schemas), Succeeds());
  EXPECT_THAT(Column("SELECT CAST(id AS TEXT) FROM things"), ElementsAre("1"));
  EXPECT_THAT(Steps(), ElementsAre("things/0001_init", "things/0002_row"));
}

TEST_F(MigrateTest, GoesOnWhereItStopped) {
  EXPECT_THAT(Migrate(*db_, {{"things", {kTables, kBroken}}}),
              FailsWith(Reason::INTERNAL));
  EXPECT_THAT(Steps(), ElementsAre("things/0001_init"));
  EXPECT_THAT(Column("SELECT CAST(id AS TEXT) FROM things"), IsEmpty());

  EXPECT_THAT(Migrate(*db_, {{"things", {kTables, kRow}}}), Succeeds());
  EXPECT_THAT(Column("SELECT CAST(id AS TEXT) FROM things"), ElementsAre("1"));
}

TEST_F(MigrateTest, KeepsComponentsApart) {
  const Schema others = {"others", {{"0001_init", "CREATE TABLE o (a TEXT);"}}};
  EXPECT_THAT(Migrate(*db_, {{"things", {kTables}}, others}), Succeeds());
  EXPECT_THAT(Migrate(*db_, {others, {"things", {kTables, kRow}}}), Succeeds());
  EXPECT_THAT(Steps(), ElementsAre("others/0001_init", "things/0001_init",
                                   "things/0002_row"));
}

TEST_F(MigrateTest, RefusesADatabaseWithAComponentItDoesNotKnow) {
  const Schema others = {"others", {{"0001_init", "CREATE TABLE o (a TEXT);"}}};
  ASSERT_THAT(Migrate(*db_, {others, {"things", {kTables}}}), Succeeds());
  EXPECT_THAT(Migrate(*db_, {{"things", {kTables, kRow}}}),
              FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_THAT(Steps(), ElementsAre("others/0001_init", "things/0001_init"));
}

TEST_F(MigrateTest, CallsAStepThatClashesWithItselfADefect) {
  const Migration clash = {"0002_clash",
                           "CREATE TABLE u (id BIGINT PRIMARY KEY);"
                           "INSERT INTO u VALUES (1);"
                           "INSERT INTO u VALUES (1);"};
  EXPECT_THAT(Migrate(*db_, {{"things", {kTables, clash}}}),
              FailsWith(Reason::INTERNAL));
  EXPECT_THAT(Steps(), ElementsAre("things/0001_init"));
}

TEST_F(MigrateTest, RefusesADatabaseOfANewerBuild) {
  ASSERT_THAT(Migrate(*db_, {{"things", {kTables, kRow}}}), Succeeds());
  EXPECT_THAT(Migrate(*db_, {{"things", {kTables}}}),
              FailsWith(Reason::STORAGE_UNAVAILABLE));
}

TEST_F(MigrateTest, RefusesADatabaseWithAnotherHistory) {
  ASSERT_THAT(Migrate(*db_, {{"things", {kTables}}}), Succeeds());
  EXPECT_EQ(
      ReasonOf(Migrate(*db_, {{"things", {{"0001_other", "SELECT 1;"}}}})),
      errors::v1::STORAGE_UNAVAILABLE);
}

TEST_F(MigrateTest, RunsOnlyWhatIsMeantForTheDialect) {
  const Migration mixed = {"0001_init", R"(
CREATE TABLE things (
  id BIGINT PRIMARY KEY,
-- postgres
  words TSVECTOR,
-- end
  title TEXT
)
  -- sqlite
WITHOUT ROWID
  -- end
;
-- postgres
CREATE INDEX words ON things USING gin (words);
-- end
INSERT INTO things (id, title) VALUES (3, 'three');
)"};
  ASSERT_THAT(Migrate(*db_, {{"things", {mixed}}}), Succeeds());
  EXPECT_THAT(Column("SELECT title FROM things"), ElementsAre("three"));
}

TEST_F(MigrateTest, RefusesSectionsThatDoNotMatch) {
  for (const char* sql : {
           "-- sqlite\nSELECT 1;",
           "SELECT 1;\n-- end\n",
           "-- sqlite\n-- postgres\nSELECT 1;\n-- end\n",
       }) {
    EXPECT_THAT(Migrate(*db_, {{"things", {{"0001_init", sql}}}}),
                FailsWith(Reason::INTERNAL))
        << sql;
  }
  EXPECT_THAT(Steps(), IsEmpty());
}

TEST_F(MigrateTest, RefusesNamesThatAreNone) {
  for (const char* name : {"", "0001'; DROP TABLE schema_steps; --", "a b"}) {
    EXPECT_THAT(Migrate(*db_, {{"things", {{name, "SELECT 1;"}}}}),
                FailsWith(Reason::INTERNAL))
        << name;
  }
  EXPECT_THAT(Steps(), IsEmpty());
}

}  // namespace
}  // namespace praxis::sql
