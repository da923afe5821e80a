// What every driver does alike when it writes; ctest runs it on each.
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/sql/database.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"
#include "services/common/testing/notes.h"

namespace praxis::sql {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::Succeeds;

using DatabaseWriteTest = testing::NotesTest;

TEST_F(DatabaseWriteTest, CountsTheRowsChanged) {
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

TEST_F(DatabaseWriteTest, ReturnsRowsOfAChange) {
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

TEST_F(DatabaseWriteTest, UndoesAChangeThatReturnedRowsToo) {
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

TEST_F(DatabaseWriteTest, CommitsNothingOfABodyThatFails) {
  const absl::Status status = db_->Write([](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(Insert(tx, 1, "never"));
    return Error(errors::v1::LAST_OWNER, "Make someone else an owner first.");
  });
  EXPECT_THAT(status, FailsWith(Reason::LAST_OWNER));
  EXPECT_THAT(Titles(), IsEmpty());
}

TEST_F(DatabaseWriteTest, SeesItsOwnChanges) {
  ASSERT_THAT(db_->Write([](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(Insert(tx, 1, "mine"));
    EXPECT_THAT(*Titles(tx), ElementsAre("mine"));
    return absl::OkStatus();
  }),
              Succeeds());
}

TEST_F(DatabaseWriteTest, CallsABrokenUniqueKeyATakenName) {
  ASSERT_THAT(Insert(1, "same"), Succeeds());
  EXPECT_THAT(Insert(2, "same"), FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(Insert(1, "other"), FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(Titles(), ElementsAre("same"));
}

TEST_F(DatabaseWriteTest, GoesNoFurtherAfterAFailedStatement) {
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

TEST_F(DatabaseWriteTest, GoesNoFurtherAfterAFailedChangeThatReturnsRows) {
  const char* twice = "INSERT INTO counters VALUES ('hits', 1) RETURNING value";
  const auto value = [](const Row& row) { return row.Int(0); };
  const absl::Status status = db_->Write([&](Tx& tx) {
    EXPECT_FALSE(tx.One(twice, {}, "", value).ok());
    return absl::OkStatus();
  });
  EXPECT_THAT(status, FailsWith(Reason::NAME_TAKEN));
}

TEST_F(DatabaseWriteTest, LosesNoUpdateOf64Writers) {
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

TEST_F(DatabaseWriteTest, ABodyThatFailsHarmsNoOther) {
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

TEST_F(DatabaseWriteTest, AnnouncesCommitsThatChangedSomething) {
  std::atomic<int> commits{0};
  db_->OnCommit([&] { ++commits; });
  ASSERT_THAT(Insert(1, "a"), Succeeds());
  EXPECT_EQ(commits.load(), 1);
  EXPECT_FALSE(Insert(1, "b").ok());
  EXPECT_THAT(db_->Write([](Tx& tx) { return Titles(tx).status(); }),
              Succeeds());
  EXPECT_EQ(commits.load(), 1);
}

TEST_F(DatabaseWriteTest, RunsAScriptWhollyOrNotAtAll) {
  EXPECT_THAT(db_->Script("INSERT INTO notes (id, title) VALUES (1, 'a');"
                          "INSERT INTO nowhere VALUES (1);"),
              FailsWith(Reason::INTERNAL));
  EXPECT_THAT(Titles(), IsEmpty());
  EXPECT_THAT(db_->Script("INSERT INTO notes (id, title) VALUES (1, 'a');"
                          "INSERT INTO notes (id, title) VALUES (2, 'b');"),
              Succeeds());
  EXPECT_THAT(Titles(), ElementsAre("a", "b"));
}

// Two owners that leave at once: each sees the other one stay, unless it locks
// the rows on which it decides.
TEST_F(DatabaseWriteTest, LocksWhatADecisionRestsOn) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_THAT(db_->Script("DELETE FROM notes;"
                            "INSERT INTO notes (id, title) VALUES (1, 'ada');"
                            "INSERT INTO notes (id, title) VALUES (2, 'bob');"),
                Succeeds());
    std::atomic<int> left{0};
    std::vector<std::thread> owners;
    for (const int64_t id : {1, 2}) {
      owners.emplace_back([&, id] {
        const absl::Status status = db_->Write([&](Tx& tx) -> absl::Status {
          int stay = 0;
          RETURN_IF_ERROR(
              tx.Lock("SELECT id FROM notes ORDER BY id", {}, [&](const Row&) {
                ++stay;
                return absl::OkStatus();
              }));
          if (stay < 2) return absl::FailedPreconditionError("the last one");
          return tx.Execute("DELETE FROM notes WHERE id = $1", {id}).status();
        });
        if (status.ok()) ++left;
      });
    }
    for (std::thread& owner : owners) owner.join();
    EXPECT_EQ(left.load(), 1);
    EXPECT_EQ(Titles().size(), 1);
  }
}

TEST_F(DatabaseWriteTest, LetsNobodyChangeALockedRow) {
  const auto add = [&](int64_t number) {
    return db_->Write([&](Tx& tx) -> absl::Status {
      int64_t hits = 0;
      RETURN_IF_ERROR(tx.Lock("SELECT value FROM counters WHERE name = $1",
                              {"hits"}, [&](const Row& row) {
                                hits = row.Int(0);
                                return absl::OkStatus();
                              }));
      return tx.Execute("UPDATE counters SET value = $1", {hits + number})
          .status();
    });
  };
  std::vector<std::thread> writers;
  for (int i = 0; i < 40; ++i) {
    writers.emplace_back([&] { EXPECT_THAT(add(1), Succeeds()); });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Hits(), 40);
}

TEST_F(DatabaseWriteTest, SaysTheSameOfARepeatableBody) {
  ASSERT_THAT(Insert(1, "same"), Succeeds());
  EXPECT_THAT(db_->Write([&](Tx& tx) { return Insert(tx, 2, "same"); },
                         {.repeatable = true}),
              FailsWith(Reason::NAME_TAKEN));
}

}  // namespace
}  // namespace praxis::sql
