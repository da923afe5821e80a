// What every driver does alike when it reads; ctest runs it on each.
#include "services/common/sql/database.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"
#include "services/common/testing/notes.h"

namespace praxis::sql {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Succeeds;

using DatabaseTest = testing::NotesTest;

TEST_F(DatabaseTest, ReadsWhatWasWritten) {
  EXPECT_THAT(Insert(1, "first"), Succeeds());
  EXPECT_THAT(Insert(2, "second"), Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("first", "second"));
  EXPECT_THAT(db_->Check(), Succeeds());
}

TEST_F(DatabaseTest, KeepsEveryKindOfValue) {
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

TEST_F(DatabaseTest, FindsParametersByTheirNumber) {
  ASSERT_THAT(db_->Write([](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(
        tx.Execute("INSERT INTO notes (title, id) VALUES ($2, $1)", {5, "V"})
            .status());
    return tx
        .Execute("UPDATE notes SET title = $2 WHERE id = $1 AND title <> $2",
                 {5, "five"})
        .status();
  }),
              Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("five"));
}

TEST_F(DatabaseTest, KeepsTheDetailsOfAFailureToItself) {
  const absl::Status status = db_->Read([](Reader& reader) {
    return reader.Query("SELECT secret FROM hidden_table", {},
                        [](const Row&) { return absl::OkStatus(); });
  });
  EXPECT_THAT(status, FailsWith(Reason::INTERNAL));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hidden")));
}

TEST_F(DatabaseTest, RefusesParametersThatDoNotMatch) {
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

TEST_F(DatabaseTest, RunsOneStatementAtATime) {
  EXPECT_THAT(db_->Write([](Tx& tx) {
    return tx.Execute("DELETE FROM notes; DELETE FROM counters", {}).status();
  }),
              FailsWith(Reason::INTERNAL));
  EXPECT_EQ(Hits(), 0);
}

TEST_F(DatabaseTest, LetsNoReaderWrite) {
  EXPECT_THAT(db_->Read([](Reader& reader) {
    return reader.Query("INSERT INTO notes (id, title) VALUES (1, 'x')", {},
                        [](const Row&) { return absl::OkStatus(); });
  }),
              FailsWith(Reason::INTERNAL));
  EXPECT_THAT(Titles(), IsEmpty());
}

TEST_F(DatabaseTest, ReadsOneSnapshotThroughout) {
  int64_t id = 0;
  std::vector<std::string> before, after;
  ASSERT_THAT(db_->Read([&](Reader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(before, Titles(reader));
    std::thread([&] {
      ++id;
      EXPECT_THAT(Insert(id, std::to_string(id)), Succeeds());
    }).join();
    ASSIGN_OR_RETURN(after, Titles(reader));
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_EQ(before, after);
  EXPECT_EQ(Titles().size(), before.size() + 1);
}

TEST_F(DatabaseTest, QueriesWithinARow) {
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
  ASSERT_THAT(db_->Read([&](Reader& reader) {
    path.clear();
    return descend(reader, 0);
  }),
              Succeeds());
  EXPECT_EQ(path, "1233233");
}

TEST_F(DatabaseTest, StopsAtARowThatIsRefused) {
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

TEST_F(DatabaseTest, SaysWhatIsMissing) {
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

TEST_F(DatabaseTest, TakesTheFirstRow) {
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

TEST_F(DatabaseTest, ReadsWholeCommitsOnlyWhileOthersWrite) {
  ASSERT_THAT(db_->Script("INSERT INTO counters VALUES ('twin', 0);"),
              Succeeds());
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      while (!done.load()) {
        std::vector<int64_t> values;
        EXPECT_THAT(db_->Read([&](Reader& reader) -> absl::Status {
          values.clear();
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

TEST_F(DatabaseTest, UsesATableThatChangedSince) {
  ASSERT_THAT(Insert(1, "a"), Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("a"));
  ASSERT_THAT(db_->Script("ALTER TABLE notes ADD COLUMN extra TEXT;"),
              Succeeds());
  ASSERT_THAT(Insert(2, "b"), Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace praxis::sql
