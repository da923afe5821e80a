#include "services/common/sql/sqlite_connection.h"

#include <cstring>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "services/common/sql/sqlite_file.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using testing::Succeeds;

class SqliteConnectionTest : public ::testing::Test {
 protected:
  SqliteConnectionTest()
      : file_(*SqliteFile::Take("")),
        connection_(
            *SqliteConnection::Open(file_->path(), SqliteMode::kReadWrite)) {}

  int64_t Number(const char* sql) {
    int64_t number = -1;
    EXPECT_THAT(connection_->Query(sql, {},
                                   [&](const Row& row) {
                                     number = row.Int(0);
                                     return absl::OkStatus();
                                   }),
                Succeeds());
    return number;
  }

  // Statements that SQLite holds for the connection.
  int Prepared() {
    int count = 0;
    for (sqlite3_stmt* s = nullptr;
         (s = sqlite3_next_stmt(connection_->handle(), s)) != nullptr;) {
      ++count;
    }
    return count;
  }

  std::unique_ptr<SqliteFile> file_;
  std::unique_ptr<SqliteConnection> connection_;
};

TEST_F(SqliteConnectionTest, PreparesAStatementOnce) {
  const int before = Prepared();
  const char* sql = "SELECT 1";
  EXPECT_EQ(Number(sql), 1);
  EXPECT_EQ(Number(sql), 1);
  EXPECT_EQ(Prepared(), before + 1);
}

TEST_F(SqliteConnectionTest, NoticesThatAnAddressHoldsOtherText) {
  char sql[] = "SELECT 1";
  EXPECT_EQ(Number(sql), 1);
  std::strcpy(sql, "SELECT 2");
  EXPECT_EQ(Number(sql), 2);

  // Even while the statement of the old text runs.
  EXPECT_THAT(connection_->Query(sql, {},
                                 [&](const Row&) {
                                   std::strcpy(sql, "SELECT 3");
                                   EXPECT_EQ(Number(sql), 3);
                                   return absl::OkStatus();
                                 }),
              Succeeds());
}

TEST_F(SqliteConnectionTest, KeepsNoMoreStatementsThanItsLimit) {
  std::vector<std::string> made_up;
  for (int i = 0; i < 2000; ++i) {
    made_up.push_back("SELECT " + std::to_string(i));
  }
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(Number(made_up[i].c_str()), i);
  EXPECT_LE(Prepared(), 512);
}

TEST_F(SqliteConnectionTest, KnowsWhichStatementsWrite) {
  ASSERT_THAT(connection_->Script("CREATE TABLE t (a BIGINT)"), Succeeds());
  EXPECT_FALSE(*connection_->Writes("SELECT a FROM t"));
  EXPECT_TRUE(*connection_->Writes("INSERT INTO t VALUES (1) RETURNING a"));
}

TEST_F(SqliteConnectionTest, TakesDoubleQuotesForNamesOnly) {
  EXPECT_FALSE(connection_->Run("SELECT \"text\"").ok());
}

TEST_F(SqliteConnectionTest, TellsLikeOfOtherCaseApart) {
  EXPECT_EQ(Number("SELECT 'Ada' LIKE 'ada'"), 0);
}

}  // namespace
}  // namespace praxis::sql
