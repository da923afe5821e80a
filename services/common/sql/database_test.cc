// What every driver does alike; a driver is one line in the list at the end.
#include "services/common/sql/database.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Succeeds;

struct Driver {
  std::string name;
  // An empty database of its own.
  std::function<absl::StatusOr<std::unique_ptr<Database>>()> open;
};

class DatabaseTest : public ::testing::TestWithParam<Driver> {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<Database>> opened = GetParam().open();
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

  static absl::Status Insert(Tx& tx, int64_t id, absl::string_view title) {
    return tx
        .Execute("INSERT INTO notes (id, title) VALUES ($1, $2)", {id, title})
        .status();
  }
  absl::Status Insert(int64_t id, absl::string_view title) {
    return db_->Write([&](Tx& tx) { return Insert(tx, id, title); });
  }

  static std::vector<std::string> Titles(Reader& reader) {
    std::vector<std::string> titles;
    EXPECT_THAT(reader.Query("SELECT title FROM notes ORDER BY id", {},
                             [&](const Row& row) {
                               titles.push_back(row.String(0));
                               return absl::OkStatus();
                             }),
                Succeeds());
    return titles;
  }
  std::vector<std::string> Titles() {
    std::vector<std::string> titles;
    EXPECT_THAT(db_->Read([&](Reader& reader) {
      titles = Titles(reader);
      return absl::OkStatus();
    }),
                Succeeds());
    return titles;
  }

  int64_t Hits() {
    int64_t hits = -1;
    EXPECT_THAT(db_->Read([&](Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(hits, reader.One("SELECT value FROM counters", {}, "",
                                        [](const Row& r) { return r.Int(0); }));
      return absl::OkStatus();
    }),
                Succeeds());
    return hits;
  }

  std::unique_ptr<Database> db_;
};

TEST_P(DatabaseTest, ReadsWhatWasWritten) {
  EXPECT_THAT(Insert(1, "first"), Succeeds());
  EXPECT_THAT(Insert(2, "second"), Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("first", "second"));
  EXPECT_THAT(db_->Check(), Succeeds());
}

TEST_P(DatabaseTest, KeepsEveryKindOfValue) {
  enum class Colour { kRed = 7 };
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'123'456);
  const std::string bytes("a\0b\xff", 4);
  ASSERT_THAT(db_->Script("CREATE TABLE v (lo BIGINT, hi BIGINT, flag BIGINT,"
                          " colour BIGINT, time BIGINT, empty TEXT, text TEXT,"
                          " bytes BYTEA, none TEXT);"),
              Succeeds());
  ASSERT_THAT(db_->Write([&](Tx& tx) {
    return tx
        .Execute(
            "INSERT INTO v VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            {std::numeric_limits<int64_t>::min(),
             std::numeric_limits<int64_t>::max(), true, Colour::kRed, time,
             absl::string_view(), "grüße", Param::Blob(bytes), Param::Null()})
        .status();
  }),
              Succeeds());

  int rows = 0;
  ASSERT_THAT(db_->Read([&](Reader& reader) {
    return reader.Query("SELECT * FROM v", {}, [&](const Row& row) {
      ++rows;
      EXPECT_EQ(row.Int(0), std::numeric_limits<int64_t>::min());
      EXPECT_EQ(row.Int(1), std::numeric_limits<int64_t>::max());
      EXPECT_TRUE(row.Bool(2));
      EXPECT_EQ(row.Int(3), 7);
      EXPECT_EQ(row.Time(4), time);
      EXPECT_FALSE(row.IsNull(5));
      EXPECT_EQ(row.Text(5), "");
      EXPECT_EQ(row.Text(6), "grüße");
      EXPECT_EQ(row.String(7), bytes);
      EXPECT_TRUE(row.IsNull(8));
      EXPECT_EQ(row.Text(8), "");
      EXPECT_EQ(row.Int(8), 0);
      return absl::OkStatus();
    });
  }),
              Succeeds());
  EXPECT_EQ(rows, 1);
}

TEST_P(DatabaseTest, FindsParametersByTheirNumber) {
  ASSERT_THAT(db_->Write([](Tx& tx) {
    return tx
        .Execute("INSERT INTO notes (title, id, body) VALUES ($2, $1, $2)",
                 {5, "five"})
        .status();
  }),
              Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("five"));
}

TEST_P(DatabaseTest, CountsTheRowsChanged) {
  ASSERT_THAT(Insert(1, "a"), Succeeds());
  ASSERT_THAT(Insert(2, "b"), Succeeds());
  absl::StatusOr<int64_t> both, none;
  ASSERT_THAT(db_->Write([&](Tx& tx) {
    both = tx.Execute("UPDATE notes SET id = id + $1", {10});
    none = tx.Execute("DELETE FROM notes WHERE id = $1", {1});
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_EQ(*both, 2);
  EXPECT_EQ(*none, 0);
}

TEST_P(DatabaseTest, ReturnsRowsOfAChange) {
  absl::StatusOr<int64_t> value;
  ASSERT_THAT(db_->Write([&](Tx& tx) {
    value = tx.One("UPDATE counters SET value = value + 5 RETURNING value", {},
                   "", [](const Row& row) { return row.Int(0); });
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_EQ(*value, 5);
  EXPECT_EQ(Hits(), 5);
}

TEST_P(DatabaseTest, UndoesAChangeThatReturnedRowsToo) {
  EXPECT_FALSE(db_->Write([&](Tx& tx) {
                    EXPECT_TRUE(
                        tx.One("UPDATE counters SET value = 9 RETURNING value",
                               {}, "", [](const Row& r) { return r.Int(0); })
                            .ok());
                    return absl::AbortedError("no");
                  })
                   .ok());
  EXPECT_EQ(Hits(), 0);
}

TEST_P(DatabaseTest, CommitsNothingOfABodyThatFails) {
  const absl::Status status = db_->Write([](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(Insert(tx, 1, "never"));
    return Error(errors::v1::LAST_OWNER, "Make someone else an owner first.");
  });
  EXPECT_THAT(status, FailsWith(Reason::LAST_OWNER));
  EXPECT_THAT(Titles(), IsEmpty());
}

TEST_P(DatabaseTest, SeesItsOwnChanges) {
  ASSERT_THAT(db_->Write([](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(Insert(tx, 1, "mine"));
    EXPECT_THAT(Titles(tx), ElementsAre("mine"));
    return absl::OkStatus();
  }),
              Succeeds());
}

TEST_P(DatabaseTest, CallsABrokenUniqueKeyATakenName) {
  ASSERT_THAT(Insert(1, "same"), Succeeds());
  EXPECT_THAT(Insert(2, "same"), FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(Insert(1, "other"), FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(Titles(), ElementsAre("same"));
}

TEST_P(DatabaseTest, GoesNoFurtherAfterAFailedStatement) {
  ASSERT_THAT(Insert(1, "same"), Succeeds());
  absl::Status later;
  const absl::Status status = db_->Write([&](Tx& tx) {
    EXPECT_FALSE(Insert(tx, 2, "same").ok());
    later = Insert(tx, 3, "third");
    return absl::OkStatus();
  });
  EXPECT_FALSE(later.ok());
  EXPECT_THAT(status, FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(Titles(), ElementsAre("same"));
}

TEST_P(DatabaseTest, GoesNoFurtherAfterAFailedChangeThatReturnsRows) {
  const char* twice = "INSERT INTO counters VALUES ('hits', 1) RETURNING value";
  const auto value = [](const Row& row) { return row.Int(0); };
  const absl::Status status = db_->Write([&](Tx& tx) {
    EXPECT_FALSE(tx.One(twice, {}, "", value).ok());
    return absl::OkStatus();
  });
  EXPECT_THAT(status, FailsWith(Reason::NAME_TAKEN));
}

TEST_P(DatabaseTest, KeepsTheDetailsOfAFailureToItself) {
  const absl::Status status = db_->Read([](Reader& reader) {
    return reader.Query("SELECT secret FROM hidden_table", {},
                        [](const Row&) { return absl::OkStatus(); });
  });
  EXPECT_THAT(status, FailsWith(Reason::INTERNAL));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hidden")));
}

TEST_P(DatabaseTest, RefusesParametersThatDoNotMatch) {
  const auto query = [&](const char* sql, Params params) {
    return ReasonOf(db_->Read([&](Reader& reader) {
      return reader.Query(sql, params,
                          [](const Row&) { return absl::OkStatus(); });
    }));
  };
  const char* one = "SELECT id FROM notes WHERE id = $1";
  EXPECT_EQ(query(one, {}), errors::v1::INTERNAL);
  EXPECT_EQ(query(one, {1, 2}), errors::v1::INTERNAL);
  EXPECT_EQ(query(one, {1}), errors::v1::REASON_UNSPECIFIED);
  EXPECT_EQ(query("SELECT id FROM notes WHERE id = $2", {1}),
            errors::v1::INTERNAL);
}

TEST_P(DatabaseTest, RunsOneStatementAtATime) {
  EXPECT_THAT(db_->Write([](Tx& tx) {
    return tx.Execute("DELETE FROM notes; DELETE FROM counters", {}).status();
  }),
              FailsWith(Reason::INTERNAL));
  EXPECT_EQ(Hits(), 0);
}

TEST_P(DatabaseTest, LetsNoReaderWrite) {
  EXPECT_FALSE(db_->Read([](Reader& reader) {
                    return reader.Query(
                        "INSERT INTO notes (id, title) VALUES (1, 'x')", {},
                        [](const Row&) { return absl::OkStatus(); });
                  })
                   .ok());
  EXPECT_THAT(Titles(), IsEmpty());
}

TEST_P(DatabaseTest, ReadsOneSnapshotThroughout) {
  ASSERT_THAT(Insert(1, "before"), Succeeds());
  ASSERT_THAT(db_->Read([&](Reader& reader) {
    EXPECT_THAT(Titles(reader), ElementsAre("before"));
    std::thread([&] {
      EXPECT_THAT(Insert(2, "meanwhile"), Succeeds());
    }).join();
    EXPECT_THAT(Titles(reader), ElementsAre("before"));
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("before", "meanwhile"));
}

TEST_P(DatabaseTest, QueriesWithinARow) {
  for (int64_t id : {1, 2, 3}) {
    ASSERT_THAT(Insert(id, std::to_string(id)), Succeeds());
  }
  // The same statement within itself, three deep.
  std::string path;
  std::function<absl::Status(Reader&, int64_t)> descend = [&](Reader& reader,
                                                              int64_t after) {
    return reader.Query("SELECT id FROM notes WHERE id > $1 ORDER BY id",
                        {after}, [&](const Row& row) {
                          path += std::to_string(row.Int(0));
                          return descend(reader, row.Int(0));
                        });
  };
  ASSERT_THAT(db_->Read([&](Reader& reader) { return descend(reader, 0); }),
              Succeeds());
  EXPECT_EQ(path, "1233233");
}

TEST_P(DatabaseTest, StopsAtARowThatIsRefused) {
  ASSERT_THAT(Insert(1, "a"), Succeeds());
  ASSERT_THAT(Insert(2, "b"), Succeeds());
  int rows = 0;
  const auto refuse = [&](Reader& reader) {
    return reader.Query("SELECT id FROM notes", {}, [&](const Row&) {
      ++rows;
      return absl::AbortedError("enough");
    });
  };
  EXPECT_EQ(db_->Read(refuse), absl::AbortedError("enough"));
  EXPECT_EQ(rows, 1);
  // The statement is whole again, and a write may go on after such a refusal.
  EXPECT_THAT(db_->Write([&](Tx& tx) {
    EXPECT_FALSE(refuse(tx).ok());
    return Insert(tx, 3, "c");
  }),
              Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("a", "b", "c"));
}

TEST_P(DatabaseTest, SaysWhatIsMissing) {
  absl::StatusOr<std::string> title;
  ASSERT_THAT(db_->Read([&](Reader& reader) {
    title = reader.One("SELECT title FROM notes WHERE id = $1", {1},
                       "There is no such note.",
                       [](const Row& row) { return row.String(0); });
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_THAT(title.status(), FailsWith(Reason::RESOURCE_NOT_FOUND));
  EXPECT_EQ(title.status().message(), "There is no such note.");
}

TEST_P(DatabaseTest, TakesTheFirstRow) {
  ASSERT_THAT(Insert(1, "a"), Succeeds());
  ASSERT_THAT(Insert(2, "b"), Succeeds());
  absl::StatusOr<std::string> title;
  ASSERT_THAT(db_->Read([&](Reader& reader) {
    title = reader.One("SELECT title FROM notes ORDER BY id", {}, "",
                       [](const Row& row) { return row.String(0); });
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_EQ(*title, "a");
}

TEST_P(DatabaseTest, LosesNoUpdateOf64Writers) {
  constexpr int kWriters = 64;
  constexpr int kWrites = 50;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kWrites; ++i) {
        // Reads, then writes what it computed from that.
        EXPECT_THAT(db_->Write([&](Tx& tx) -> absl::Status {
          ASSIGN_OR_RETURN(
              const int64_t hits,
              tx.One("SELECT value FROM counters WHERE name = $1", {"hits"}, "",
                     [](const Row& row) { return row.Int(0); }));
          RETURN_IF_ERROR(
              tx.Execute("UPDATE counters SET value = $1", {hits + 1})
                  .status());
          return Insert(tx, writer * kWrites + i,
                        std::to_string(writer) + "/" + std::to_string(i));
        }),
                    Succeeds());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Hits(), kWriters * kWrites);
  EXPECT_EQ(Titles().size(), kWriters * kWrites);
}

TEST_P(DatabaseTest, ABodyThatFailsHarmsNoOther) {
  constexpr int kWriters = 32;
  constexpr int kWrites = 30;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kWrites; ++i) {
        const int64_t id = writer * kWrites + i;
        const bool fails = id % 3 == 0;
        const bool clashes = id % 3 == 1;
        const absl::Status status = db_->Write([&](Tx& tx) -> absl::Status {
          RETURN_IF_ERROR(
              tx.Execute("UPDATE counters SET value = value + 1", {}).status());
          RETURN_IF_ERROR(Insert(tx, id, std::to_string(id)));
          if (clashes) return Insert(tx, id, "again");
          return fails ? absl::AbortedError("on purpose") : absl::OkStatus();
        });
        EXPECT_EQ(status.ok(), !fails && !clashes) << status;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Hits(), kWriters * kWrites / 3);
  EXPECT_EQ(Titles().size(), kWriters * kWrites / 3);
}

TEST_P(DatabaseTest, ReadsWholeCommitsOnlyWhileOthersWrite) {
  ASSERT_THAT(db_->Script("INSERT INTO counters VALUES ('twin', 0);"),
              Succeeds());
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      while (!done.load()) {
        std::vector<int64_t> values;
        EXPECT_THAT(db_->Read([&](Reader& reader) -> absl::Status {
          for (const char* name : {"hits", "twin"}) {
            ASSIGN_OR_RETURN(
                const int64_t value,
                reader.One("SELECT value FROM counters WHERE name = $1", {name},
                           "", [](const Row& row) { return row.Int(0); }));
            values.push_back(value);
          }
          return absl::OkStatus();
        }),
                    Succeeds());
        ASSERT_EQ(values.size(), 2);
        EXPECT_EQ(values[0], values[1]);
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    EXPECT_THAT(db_->Write([](Tx& tx) -> absl::Status {
      for (const char* name : {"hits", "twin"}) {
        RETURN_IF_ERROR(
            tx.Execute("UPDATE counters SET value = value + 1 WHERE name = $1",
                       {name})
                .status());
      }
      return absl::OkStatus();
    }),
                Succeeds());
  }
  done.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(Hits(), 300);
}

TEST_P(DatabaseTest, AnnouncesCommitsThatChangedSomething) {
  std::atomic<int> commits{0};
  db_->OnCommit([&] { ++commits; });
  ASSERT_THAT(Insert(1, "a"), Succeeds());
  EXPECT_EQ(commits.load(), 1);
  EXPECT_FALSE(Insert(1, "b").ok());
  EXPECT_THAT(db_->Write([](Tx& tx) {
    Titles(tx);
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_EQ(commits.load(), 1);
}

TEST_P(DatabaseTest, RunsAScriptWhollyOrNotAtAll) {
  EXPECT_THAT(db_->Script("INSERT INTO notes (id, title) VALUES (1, 'a');"
                          "INSERT INTO nowhere VALUES (1);"),
              FailsWith(Reason::INTERNAL));
  EXPECT_THAT(Titles(), IsEmpty());
  EXPECT_THAT(db_->Script("INSERT INTO notes (id, title) VALUES (1, 'a');"
                          "INSERT INTO notes (id, title) VALUES (2, 'b');"),
              Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("a", "b"));
}

TEST_P(DatabaseTest, UsesATableThatChangedSince) {
  ASSERT_THAT(Insert(1, "a"), Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("a"));
  ASSERT_THAT(db_->Script("ALTER TABLE notes ADD COLUMN extra TEXT;"),
              Succeeds());
  ASSERT_THAT(Insert(2, "b"), Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("a", "b"));
}

INSTANTIATE_TEST_SUITE_P(Drivers, DatabaseTest,
                         ::testing::Values(Driver{
                             "Sqlite", [] { return OpenSqlite({}); }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace praxis::sql
