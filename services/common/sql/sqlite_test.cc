#include "services/common/sql/sqlite.h"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using testing::Succeeds;

constexpr char kTable[] =
    "CREATE TABLE IF NOT EXISTS acks (id BIGINT PRIMARY KEY, body TEXT);";

absl::Status Insert(Database& db, int64_t id) {
  return db.Write([&](Tx& tx) {
    return tx
        .Execute("INSERT INTO acks (id, body) VALUES ($1, $2)", {id, "body"})
        .status();
  });
}

std::set<int64_t> Ids(Database& db) {
  std::set<int64_t> ids;
  EXPECT_THAT(db.Read([&](Reader& reader) {
    return reader.Query("SELECT id FROM acks", {}, [&](const Row& row) {
      ids.insert(row.Int(0));
      return absl::OkStatus();
    });
  }),
              Succeeds());
  return ids;
}

void RunRaw(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
}

TEST(SqliteTest, HasEverythingAgainAfterItWasClosed) {
  const testing::TemporaryFolder folder;
  for (int64_t id = 0; id < 3; ++id) {
    absl::StatusOr<std::unique_ptr<Database>> db =
        OpenSqlite({.path = folder.path() + "/a.db"});
    ASSERT_TRUE(db.ok()) << db.status();
    ASSERT_THAT((*db)->Script(kTable), Succeeds());
    ASSERT_THAT(Insert(**db, id), Succeeds());
    EXPECT_EQ(Ids(**db).size(), id + 1);
  }
}

TEST(SqliteTest, KeepsDatabasesInMemoryApart) {
  const std::unique_ptr<Database> one = *OpenSqlite({});
  const std::unique_ptr<Database> other = *OpenSqlite({});
  ASSERT_THAT(one->Script(kTable), Succeeds());
  ASSERT_THAT(other->Script(kTable), Succeeds());
  ASSERT_THAT(Insert(*one, 1), Succeeds());
  EXPECT_EQ(Ids(*one).size(), 1);
  EXPECT_EQ(Ids(*other).size(), 0);
}

TEST(SqliteTest, RefusesASecondOpener) {
  const testing::TemporaryFolder folder;
  const auto first = OpenSqlite({.path = folder.path() + "/a.db"});
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second =
      OpenSqlite({.path = folder.path() + "/a.db"}).status();
  EXPECT_THAT(std::string(second.message()), HasSubstr("in use"));
  EXPECT_THAT((*first)->Check(), Succeeds());
}

TEST(SqliteTest, RefusesAFileOfAnotherProgram) {
  const testing::TemporaryFolder folder;
  RunRaw(folder.path() + "/a.db", "CREATE TABLE moz_places (id INTEGER)");
  const absl::Status status =
      OpenSqlite({.path = folder.path() + "/a.db"}).status();
  EXPECT_THAT(status, FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_THAT(std::string(status.message()), HasSubstr("another program"));
}

TEST(SqliteTest, RefusesAFileOfANewerLayout) {
  const testing::TemporaryFolder folder;
  ASSERT_TRUE(OpenSqlite({.path = folder.path() + "/a.db"}).ok());
  RunRaw(folder.path() + "/a.db", "PRAGMA user_version = 99");
  EXPECT_THAT(
      std::string(
          OpenSqlite({.path = folder.path() + "/a.db"}).status().message()),
      HasSubstr("newer version"));
}

// Writes numbers from `first` on with eight threads and prints each to `pipe`
// once it is acknowledged, until it is killed.
[[noreturn]] void WriteUntilKilled(const std::string& path, int64_t first,
                                   int pipe) {
  absl::StatusOr<std::unique_ptr<Database>> db = OpenSqlite({.path = path});
  if (!db.ok() || !(*db)->Script(kTable).ok()) _exit(1);
  std::vector<std::thread> writers;
  for (int64_t writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&, writer] {
      for (int64_t id = first + writer;; id += 8) {
        if (!Insert(**db, id).ok()) _exit(2);
        if (write(pipe, &id, sizeof(id)) != sizeof(id)) _exit(3);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  _exit(4);
}

TEST(SqliteTest, LosesNoAcknowledgedWriteToKill9) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/a.db";
  std::set<int64_t> acknowledged;
  for (int round = 0; round < 5; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) WriteUntilKilled(path, round * 1'000'000, pipe_ends[1]);
    close(pipe_ends[1]);
    int64_t id;
    for (int seen = 0; read(pipe_ends[0], &id, sizeof(id)) == sizeof(id);) {
      acknowledged.insert(id);
      if (++seen == 200 + 50 * round) kill(child, SIGKILL);
    }
    close(pipe_ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
  }

  const std::unique_ptr<Database> db = *OpenSqlite({.path = path});
  const std::set<int64_t> found = Ids(*db);
  EXPECT_GE(acknowledged.size(), 5 * 200);
  for (const int64_t id : acknowledged) EXPECT_TRUE(found.contains(id)) << id;
  EXPECT_THAT(db->Read([](Reader& reader) {
    return reader.Query("PRAGMA integrity_check", {}, [](const Row& row) {
      EXPECT_EQ(row.Text(0), "ok");
      return absl::OkStatus();
    });
  }),
              Succeeds());
}

}  // namespace
}  // namespace praxis::sql
