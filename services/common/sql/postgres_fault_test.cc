// Connections that break, at the moments that matter.
#include <libpq-fe.h>
#include <signal.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/postgres.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/common/testing/postgres.h"

namespace praxis::sql {
namespace {

using testing::Eventually;
using testing::FailsWith;
using testing::PostgresProxy;
using testing::PostgresServer;
using testing::Succeeds;

int64_t Number(Reader& reader, const char* sql, Params params = {}) {
  const auto number =
      reader.One(sql, params, "", [](const Row& row) { return row.Int(0); });
  return number.ok() ? *number : -1;
}

absl::Status Insert(Tx& tx, int64_t id) {
  return tx.Execute("INSERT INTO notes VALUES ($1)", {id}).status();
}

class PostgresFaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::OnPostgres()) GTEST_SKIP() << "runs as ..._postgres";
    conninfo_ = testing::TestPostgres();
    db_ = *OpenPostgres({.conninfo = conninfo_});
    // For looking on and for killing.
    other_ = *OpenPostgres({.conninfo = conninfo_});
    ASSERT_THAT(db_->Script("CREATE TABLE notes (id BIGINT PRIMARY KEY);"),
                Succeeds());
  }

  int64_t Ask(const char* sql, Params params = {}) {
    int64_t number = -1;
    EXPECT_THAT(other_->Read([&](Reader& reader) {
      number = Number(reader, sql, params);
      return absl::OkStatus();
    }),
                Succeeds());
    return number;
  }
  int64_t Notes() { return Ask("SELECT count(*) FROM notes"); }

  void Kill(int64_t pid) {
    Ask("SELECT pg_terminate_backend($1::INT)", {pid});
    // Its socket is closed when it is no more.
    EXPECT_TRUE(
        Eventually([&] { return kill(static_cast<pid_t>(pid), 0) == -1; }));
  }
  void KillBackendOf(Reader& reader) {
    Kill(Number(reader, "SELECT pg_backend_pid()"));
  }

  // Inserts note 1 through `proxy`, whose line is cut at the commit.
  absl::Status InsertCut(PostgresProxy& proxy, PostgresProxy::Cut cut,
                         bool repeatable) {
    const auto db = *OpenPostgres({.conninfo = proxy.conninfo()});
    proxy.CutNext(cut);
    runs_ = 0;
    return db->Write(
        [&](Tx& tx) -> absl::Status {
          ++runs_;
          // Whether it has run before, it finds out by itself.
          if (Number(tx, "SELECT count(*) FROM notes") > 0) {
            return absl::OkStatus();
          }
          return Insert(tx, 1);
        },
        {.repeatable = repeatable});
  }

  std::string conninfo_;
  std::unique_ptr<Database> db_;
  std::unique_ptr<Database> other_;
  int runs_ = 0;
};

TEST_F(PostgresFaultTest, RunsAgainWhenTheConnectionBreaksBetweenStatements) {
  ASSERT_THAT(db_->Write([&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(Insert(tx, 1));
    if (++runs_ == 1) KillBackendOf(tx);
    return Insert(tx, 2);
  }),
              Succeeds());
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(Notes(), 2);
}

TEST_F(PostgresFaultTest, RunsAgainWhenTheConnectionIsGoneBeforeTheCommit) {
  ASSERT_THAT(db_->Write([&](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(Insert(tx, 1));
    if (++runs_ == 1) KillBackendOf(tx);
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(Notes(), 1);
}

TEST_F(PostgresFaultTest, GivesUpWhenConnectionsKeepBreaking) {
  EXPECT_THAT(db_->Write([&](Tx& tx) -> absl::Status {
    ++runs_;
    KillBackendOf(tx);
    return Insert(tx, 1);
  }),
              FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_EQ(runs_, 3);
  EXPECT_EQ(Notes(), 0);
}

TEST_F(PostgresFaultTest, ReadsAgainWhenTheConnectionBreaks) {
  int64_t answer = 0;
  ASSERT_THAT(db_->Read([&](Reader& reader) {
    if (++runs_ == 1) KillBackendOf(reader);
    answer = Number(reader, "SELECT 7");
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(answer, 7);
}

TEST_F(PostgresFaultTest, LetsGoOfAnIdleConnectionThatBroke) {
  int64_t pid = 0;
  const auto read = [&] {
    return db_->Read([&](Reader& reader) {
      ++runs_;
      pid = Number(reader, "SELECT pg_backend_pid()");
      return absl::OkStatus();
    });
  };
  ASSERT_THAT(read(), Succeeds());
  Kill(pid);
  ASSERT_THAT(read(), Succeeds());
  EXPECT_EQ(runs_, 2);
}

TEST_F(PostgresFaultTest, SaysWhenACommitIsInDoubt) {
  PostgresProxy proxy(conninfo_);
  EXPECT_THAT(InsertCut(proxy, PostgresProxy::Cut::kBeforeCommit, false),
              FailsWith(Reason::COMMIT_IN_DOUBT));
  EXPECT_EQ(Notes(), 0);
  EXPECT_THAT(InsertCut(proxy, PostgresProxy::Cut::kAfterCommit, false),
              FailsWith(Reason::COMMIT_IN_DOUBT));
  EXPECT_EQ(Notes(), 1);
  EXPECT_EQ(runs_, 1);
}

TEST_F(PostgresFaultTest, FindsOutAboutACommitInDoubtWhenItMayRepeat) {
  PostgresProxy proxy(conninfo_);
  EXPECT_THAT(InsertCut(proxy, PostgresProxy::Cut::kAfterCommit, true),
              Succeeds());
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(Notes(), 1);
}

TEST_F(PostgresFaultTest, CommitsAgainWhatDidNotArrive) {
  PostgresProxy proxy(conninfo_);
  EXPECT_THAT(InsertCut(proxy, PostgresProxy::Cut::kBeforeCommit, true),
              Succeeds());
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(Notes(), 1);
}

// Two with one request_id at once: the second breaks the unique key only once
// the first has committed, and then finds what that has left.
TEST_F(PostgresFaultTest, FindsItsFasterTwin) {
  bool found = false;
  EXPECT_THAT(db_->Write(
                  [&](Tx& tx) -> absl::Status {
                    found = Number(tx, "SELECT count(*) FROM notes") > 0;
                    if (found) return absl::OkStatus();
                    if (++runs_ == 1) {
                      EXPECT_THAT(other_->Write(
                                      [](Tx& twin) { return Insert(twin, 1); }),
                                  Succeeds());
                    }
                    return Insert(tx, 1);
                  },
                  {.repeatable = true}),
              Succeeds());
  EXPECT_TRUE(found);
  EXPECT_EQ(Notes(), 1);
}

TEST_F(PostgresFaultTest, GivesUpOnAServerThatStalls) {
  pid_t pid = 0;
  const Limit soon = {.deadline = absl::Now() + absl::Milliseconds(300)};
  EXPECT_THAT(db_->Write(
                  [&](Tx& tx) {
                    pid = Number(tx, "SELECT pg_backend_pid()");
                    EXPECT_EQ(kill(pid, SIGSTOP), 0);
                    return Insert(tx, 1);
                  },
                  {.limit = soon}),
              FailsWith(Reason::DEADLINE_EXCEEDED));
  EXPECT_EQ(kill(pid, SIGCONT), 0);
  EXPECT_THAT(db_->Write([](Tx& tx) { return Insert(tx, 1); }), Succeeds());
}

TEST_F(PostgresFaultTest, ComesBackWithTheServer) {
  PostgresServer server;
  const auto db = *OpenPostgres({.conninfo = server.conninfo()});
  ASSERT_THAT(db->Script("CREATE TABLE notes (id BIGINT PRIMARY KEY);"),
              Succeeds());
  std::atomic<int> commits{0};
  db->OnCommit([&] { ++commits; });
  ASSERT_THAT(db->Write([](Tx& tx) { return Insert(tx, 1); }), Succeeds());

  server.Crash();
  EXPECT_THAT(db->Write([](Tx& tx) { return Insert(tx, 2); }),
              FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_EQ(commits.load(), 1);

  server.Start();
  EXPECT_THAT(db->Write([](Tx& tx) { return Insert(tx, 3); }), Succeeds());
  // Once for the commit, once for those that it may have missed.
  EXPECT_TRUE(Eventually([&] { return commits.load() >= 3; }));
}

TEST_F(PostgresFaultTest, RefusesADatabaseThatSortsByALanguage) {
  const std::string name = absl::StrCat("icu_", getpid());
  PGconn* const raw = PQconnectdb(conninfo_.c_str());
  const std::string make = absl::StrCat(
      "CREATE DATABASE ", name,
      " LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C' TEMPLATE template0");
  PGresult* const made = PQexec(raw, make.c_str());
  EXPECT_EQ(PQresultStatus(made), PGRES_COMMAND_OK) << PQerrorMessage(raw);
  PQclear(made);
  PQfinish(raw);
  const auto db = *OpenPostgres(
      {.conninfo = absl::StrCat(conninfo_, " options='' dbname=", name)});
  EXPECT_THAT(Migrate(*db, {}), FailsWith(Reason::STORAGE_UNAVAILABLE));
}

}  // namespace
}  // namespace praxis::sql
