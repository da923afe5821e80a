// What only PostgreSQL has: a pool, limits that it keeps, other processes.
#include "services/common/sql/postgres.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/sql/migrate.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using testing::Eventually;
using testing::FailsWith;
using testing::Succeeds;

absl::Status Ignore(const Row&) { return absl::OkStatus(); }

class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::OnPostgres()) GTEST_SKIP() << "runs as ..._postgres";
    conninfo_ = testing::TestPostgres();
    db_ = Open();
    ASSERT_THAT(db_->Script("CREATE TABLE notes (id BIGINT PRIMARY KEY,"
                            " text TEXT);"),
                Succeeds());
  }

  // Another database object, such as another process has, on the same tables.
  std::unique_ptr<Database> Open(PostgresOptions options = {}) {
    options.conninfo = conninfo_;
    return *OpenPostgres(std::move(options));
  }

  absl::Status Insert(int64_t id, absl::string_view text = "") {
    return db_->Write([&](Tx& tx) {
      return tx.Execute("INSERT INTO notes VALUES ($1, $2)", {id, text})
          .status();
    });
  }

  int64_t Number(const char* sql, Params params = {}) {
    int64_t number = -1;
    EXPECT_THAT(db_->Read([&](Reader& reader) {
      return reader.Query(sql, params, [&](const Row& row) {
        number = row.Int(0);
        return absl::OkStatus();
      });
    }),
                Succeeds());
    return number;
  }
  // Statements under way that mention `mark`.
  int64_t Running(const std::string& mark) {
    return Number(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
        " AND pid <> pg_backend_pid() AND strpos(query, $1) > 0",
        {mark});
  }

  std::string conninfo_;
  std::unique_ptr<Database> db_;
};

TEST_F(PostgresTest, OpensWhileNobodyIsThere) {
  const auto db = OpenPostgres({.conninfo = "host=/nonexistent"});
  ASSERT_THAT(db, Succeeds());
  EXPECT_THAT((*db)->Check(), FailsWith(Reason::STORAGE_UNAVAILABLE));
}

TEST_F(PostgresTest, TriesTheNextHost) {
  conninfo_ +=
      " host=/nonexistent," + conninfo_.substr(5, conninfo_.find(' ') - 5);
  EXPECT_THAT(Open()->Check(), Succeeds());
}

TEST_F(PostgresTest, LeavesAServerAloneThatTakesNoWrites) {
  conninfo_ += " options='-c default_transaction_read_only=on'";
  EXPECT_THAT(Open()->Check(), FailsWith(Reason::STORAGE_UNAVAILABLE));
}

TEST_F(PostgresTest, PassesLargeTextsBothWays) {
  const std::string large(8 << 20, 'x');
  ASSERT_THAT(Insert(1, large), Succeeds());
  EXPECT_EQ(Number("SELECT length(text) FROM notes"), 8 << 20);
  absl::StatusOr<std::string> text;
  ASSERT_THAT(db_->Read([&](Reader& reader) {
    text = reader.One("SELECT text FROM notes", {}, "",
                      [](const Row& row) { return row.String(0); });
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_EQ(*text, large);
}

TEST_F(PostgresTest, SaysWhenATextCannotBeStored) {
  EXPECT_THAT(Insert(1, absl::string_view("a\0b", 3)),
              FailsWith(Reason::FIELD_INVALID));
}

TEST_F(PostgresTest, RefusesColumnsOfTypesThatItCannotRead) {
  EXPECT_THAT(db_->Read([](Reader& reader) {
    return reader.Query("SELECT 1.5", {}, Ignore);
  }),
              FailsWith(Reason::INTERNAL));
}

TEST_F(PostgresTest, RunsMoreStatementsThanItKeeps) {
  std::deque<std::string> made_up;
  for (int i = 0; i < 700; ++i) {
    made_up.push_back(absl::StrCat("SELECT ", i, " + $1::BIGINT"));
    EXPECT_EQ(Number(made_up.back().c_str(), {1}), i + 1);
  }
  EXPECT_EQ(Number(made_up.back().c_str(), {2}), 701);
  EXPECT_LE(Number("SELECT count(*) FROM pg_prepared_statements"), 512);
}

TEST_F(PostgresTest, FindsOutThatAnAddressHoldsOtherText) {
  std::string sql = "SELECT 1";
  EXPECT_EQ(Number(sql.c_str()), 1);
  sql = "SELECT 2";
  EXPECT_EQ(Number(sql.c_str()), 2);
}

TEST_F(PostgresTest, UsesAStatementWhoseColumnsHaveChanged) {
  ASSERT_THAT(Insert(1), Succeeds());
  const char* all = "SELECT * FROM notes";
  EXPECT_EQ(Number(all), 1);
  ASSERT_THAT(db_->Script("ALTER TABLE notes ADD COLUMN more BIGINT;"),
              Succeeds());
  EXPECT_EQ(Number(all), 1);
}

TEST_F(PostgresTest, StopsAtTheDeadline) {
  EXPECT_THAT(db_->Read(
                  [](Reader& reader) {
                    return reader.Query("SELECT pg_sleep(60) /* deadline */",
                                        {}, Ignore);
                  },
                  {.deadline = absl::Now() + absl::Milliseconds(50)}),
              FailsWith(Reason::DEADLINE_EXCEEDED));
  // And so does the server.
  EXPECT_TRUE(Eventually([&] { return Running("/* deadline */") == 0; }));
}

TEST_F(PostgresTest, StopsWhenItIsCancelled) {
  const Limit limit = {.cancelled = std::make_shared<std::atomic<bool>>(false)};
  std::thread caller([&] {
    EXPECT_THAT(db_->Write(
                    [](Tx& tx) {
                      return tx.Query("SELECT pg_sleep(60) /* cancel */", {},
                                      Ignore);
                    },
                    {.limit = limit}),
                FailsWith(Reason::CANCELLED));
  });
  EXPECT_TRUE(Eventually([&] { return Running("/* cancel */") == 1; }));
  limit.cancelled->store(true);
  caller.join();
  EXPECT_TRUE(Eventually([&] { return Running("/* cancel */") == 0; }));
}

TEST_F(PostgresTest, RunsNothingAfterTheDeadline) {
  EXPECT_THAT(db_->Write([](Tx&) { return absl::OkStatus(); },
                         {.limit = {.deadline = absl::Now()}}),
              FailsWith(Reason::DEADLINE_EXCEEDED));
}

TEST_F(PostgresTest, TellsTheServerOfATimeLongerThanUsual) {
  const auto timeout = [&](const Limit& limit) {
    int64_t seconds = 0;
    EXPECT_THAT(db_->Read(
                    [&](Reader& reader) {
                      return reader.Query(
                          "SELECT setting::BIGINT / 1000 FROM pg_settings"
                          " WHERE name = 'statement_timeout'",
                          {}, [&](const Row& row) {
                            seconds = row.Int(0);
                            return absl::OkStatus();
                          });
                    },
                    limit),
                Succeeds());
    return seconds;
  };
  EXPECT_GT(timeout({.deadline = absl::Now() + absl::Minutes(5)}), 200);
  EXPECT_EQ(timeout({}), 5);
}

// A read of one statement needs no transaction. Whether there is a second one
// shows when it comes.
TEST_F(PostgresTest, BeginsAReadAnewThatHasMoreThanOneStatement) {
  const char* first = "SELECT count(*) FROM notes /* first */";
  int runs = 0;
  const auto count_twice = [&] {
    std::vector<int64_t> counts;
    EXPECT_THAT(db_->Read([&](Reader& reader) -> absl::Status {
      ++runs;
      counts.clear();
      for (const char* sql : {first, "SELECT count(*) FROM notes"}) {
        RETURN_IF_ERROR(reader.Query(sql, {}, [&](const Row& row) {
          counts.push_back(row.Int(0));
          return absl::OkStatus();
        }));
        std::thread([&] {
          EXPECT_THAT(Insert(Number("SELECT count(*) FROM notes")), Succeeds());
        }).join();
      }
      return absl::OkStatus();
    }),
                Succeeds());
    return counts;
  };
  const std::vector<int64_t> counts = count_twice();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(counts[0], counts[1]);
  // It has learnt that.
  count_twice();
  EXPECT_EQ(runs, 3);
}

TEST_F(PostgresTest, WaitsForAConnectionAndRefusesThoseTooMany) {
  const auto db = Open({.connections = 1, .waiting_max = 1});
  const auto nothing = [](Reader&) { return absl::OkStatus(); };
  std::thread waits;
  ASSERT_THAT(db->Read([&](Reader&) {
    waits = std::thread([&] {
      EXPECT_TRUE(Eventually([&] { return db->Read(nothing).ok(); }));
    });
    EXPECT_TRUE(Eventually([&] {
      const Limit soon = {.deadline = absl::Now() + absl::Milliseconds(1)};
      return ReasonOf(db->Read(nothing, soon)) == errors::v1::OVERLOADED;
    }));
    return absl::OkStatus();
  }),
              Succeeds());
  waits.join();
}

TEST_F(PostgresTest, HearsOfCommitsOfOtherProcesses) {
  const std::unique_ptr<Database> other = Open();
  std::atomic<int> here{0}, there{0};
  db_->OnCommit([&] { ++here; });
  other->OnCommit([&] { ++there; });
  for (int64_t id = 1; id <= 3; ++id) {
    const int before = there.load();
    ASSERT_THAT(Insert(id), Succeeds());
    EXPECT_EQ(here.load(), id);
    EXPECT_TRUE(Eventually([&] { return there.load() > before; }));
  }
  // Its own commits it hears of once.
  EXPECT_EQ(here.load(), 3);
}

TEST_F(PostgresTest, MigratesOnceWhenSeveralStartAtOnce) {
  const Schema schema = {
      "things",
      {{"0001_init", "CREATE TABLE things (id BIGINT); SELECT pg_sleep(0.05);"},
       {"0002_row", "INSERT INTO things VALUES (1); SELECT pg_sleep(0.05);"},
       {"0003_row", "INSERT INTO things VALUES (2);"}}};
  std::vector<std::thread> starts;
  for (int i = 0; i < 8; ++i) {
    starts.emplace_back(
        [&] { EXPECT_THAT(Migrate(*Open(), {schema}), Succeeds()); });
  }
  for (std::thread& start : starts) start.join();
  EXPECT_EQ(Number("SELECT count(*) FROM things"), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM schema_steps"), 3);
}

}  // namespace
}  // namespace praxis::sql
