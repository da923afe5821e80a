#include "services/common/events/relay.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/sql/open.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::events {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::Succeeds;

constexpr char kSource[] = "services/things";

absl::Status EmitNamed(sql::Tx& tx, const std::string& name) {
  v1::Event event;
  event.set_type("thing.made");
  event.set_name(name);
  return Emit(tx, event);
}

// A write that has put its event into the log and has not committed yet.
class OpenWrite {
 public:
  OpenWrite(sql::Database& db, const std::string& name)
      : thread_([this, &db, name] {
          EXPECT_THAT(db.Write([&](sql::Tx& tx) -> absl::Status {
            RETURN_IF_ERROR(EmitNamed(tx, name));
            emitted_.Notify();
            let_go_.WaitForNotification();
            return absl::OkStatus();
          }),
                      Succeeds());
        }) {
    emitted_.WaitForNotification();
  }
  ~OpenWrite() { Commit(); }

  void Commit() {
    if (!thread_.joinable()) return;
    let_go_.Notify();
    thread_.join();
  }

 private:
  absl::Notification emitted_;
  absl::Notification let_go_;
  std::thread thread_;
};

// A stream that can be away.
class Stream : public Publisher {
 public:
  absl::StatusOr<int64_t> Last() override {
    if (away) return Error(errors::v1::BACKEND_UNAVAILABLE, "Away.");
    return last;
  }
  absl::Status Publish(absl::Span<const v1::Event> events) override {
    for (const v1::Event& event : events) {
      if (away) return Error(errors::v1::BACKEND_UNAVAILABLE, "Away.");
      if (event.number() <= last) continue;
      last = event.number();
      names.push_back(absl::StrCat(event.number(), " ", event.name()));
    }
    return absl::OkStatus();
  }

  std::atomic<bool> away{false};
  int64_t last = 0;
  std::vector<std::string> names;
};

// Several databases are several replicas: on PostgreSQL they share the tables,
// on SQLite there is one process only.
class RelayTest : public ::testing::Test {
 protected:
  RelayTest() : db_(Open()) {
    EXPECT_THAT(sql::Migrate(*db_, {LogSchema()}), Succeeds());
  }

  std::unique_ptr<sql::Database> Open() {
    auto db = sql::Open({.postgres = conninfo_});
    EXPECT_THAT(db, Succeeds());
    return *std::move(db);
  }

  void Commit(const std::string& name) {
    ASSERT_THAT(db_->Write([&](sql::Tx& tx) { return EmitNamed(tx, name); }),
                Succeeds());
  }

  static std::vector<std::string> Lines(Log& log) {
    std::vector<std::string> lines;
    const auto response = log.Read(0, 1000);
    EXPECT_THAT(response, Succeeds());
    for (const v1::Event& event : response->events()) {
      lines.push_back(absl::StrCat(event.number(), " ", event.name()));
    }
    return lines;
  }

  // "" on SQLite.
  const std::string conninfo_ = testing::TestPostgres();
  std::unique_ptr<sql::Database> db_;
};

TEST_F(RelayTest, PublishesFromWhereTheStreamEnds) {
  Stream stream;
  stream.last = 2;
  Relay relay(*db_, kSource, "a", &stream);
  for (const char* name : {"a", "b", "c", "d"}) Commit(name);
  ASSERT_THAT(relay.Number(), Succeeds());
  ASSERT_THAT(relay.Publish(4), Succeeds());
  EXPECT_THAT(stream.names, ElementsAre("3 c", "4 d"));
  EXPECT_EQ(relay.published(), 4);
}

TEST_F(RelayTest, AsksAnewHowFarTheStreamHasComeAfterAFailure) {
  Stream stream;
  Relay relay(*db_, kSource, "a", &stream);
  Commit("a");
  ASSERT_THAT(relay.Number(), Succeeds());
  ASSERT_THAT(relay.Publish(1), Succeeds());
  Commit("b");
  ASSERT_THAT(relay.Number(), Succeeds());
  stream.away = true;
  EXPECT_THAT(relay.Publish(2), FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  stream.away = false;
  // Another has gone on meanwhile.
  stream.last = 2;
  Commit("c");
  ASSERT_THAT(relay.Number(), Succeeds());
  ASSERT_THAT(relay.Publish(3), Succeeds());
  EXPECT_THAT(stream.names, ElementsAre("1 a", "3 c"));
}

// What follows is about replicas.
class SharedRelayTest : public RelayTest {
 protected:
  void SetUp() override {
    if (!testing::OnPostgres()) GTEST_SKIP() << "SQLite has one process.";
  }
};

// An id that was taken early and committed late must not be passed over.
TEST_F(SharedRelayTest, NumbersWhatCommitsLate) {
  Log log(*db_, kSource);
  OpenWrite late(*db_, "late");
  Commit("early");
  EXPECT_TRUE(Eventually([&] { return log.latest() == 1; }));
  late.Commit();
  EXPECT_TRUE(Eventually([&] { return log.latest() == 2; }));
  EXPECT_THAT(Lines(log), ElementsAre("1 early", "2 late"));
}

// The late one has the lower id, so that a higher id has its number says
// nothing.
TEST_F(SharedRelayTest, WaitsForTheLateOneBeforeItSaysThatAllIsApplied) {
  Log log(*db_, kSource);
  ASSERT_THAT(log.Ack("consumer/1", 0), Succeeds());
  OpenWrite late(*db_, "late");
  Commit("early");
  EXPECT_TRUE(Eventually([&] { return log.latest() == 1; }));
  ASSERT_THAT(log.Ack("consumer/1", 1), Succeeds());
  late.Commit();
  EXPECT_THAT(
      log.AwaitApplied({.deadline = absl::Now() + absl::Milliseconds(300)}),
      FailsWith(errors::v1::NOT_YET_EVERYWHERE));
  ASSERT_THAT(log.Ack("consumer/1", 2), Succeeds());
  EXPECT_THAT(log.AwaitApplied({}), Succeeds());
}

TEST_F(SharedRelayTest, AReaderFindsWhatWasCommittedBeforeItAsked) {
  const auto other_db = Open();
  Log log(*db_, kSource);
  Log other(*other_db, kSource);
  for (int i = 1; i <= 30; ++i) {
    Commit(absl::StrCat(i));
    ASSERT_EQ(Lines(other).size(), static_cast<size_t>(i));
  }
}

TEST_F(SharedRelayTest, TurnsARelayAwayThatWasPausedPastItsLease) {
  Stream stream;
  Relay first(*db_, kSource, "first", &stream);
  Relay second(*db_, kSource, "second", &stream);
  Commit("a");
  EXPECT_THAT(first.Number(), Succeeds());
  Commit("b");
  EXPECT_FALSE(second.Number().value_or(true));
  // The first one has been paused for long.
  ASSERT_THAT(db_->Script("UPDATE event_relay SET expire_time = 0;"),
              Succeeds());
  EXPECT_TRUE(second.Number().value_or(false));
  ASSERT_THAT(second.Publish(2), Succeeds());
  Commit("c");
  EXPECT_FALSE(first.Number().value_or(true));
  ASSERT_THAT(first.Publish(2), Succeeds());
  EXPECT_THAT(stream.names, ElementsAre("1 a", "2 b"));
  EXPECT_TRUE(second.Number().value_or(false));
  Log log(*db_, kSource);
  EXPECT_THAT(Lines(log), ElementsAre("1 a", "2 b", "3 c"));
}

TEST_F(SharedRelayTest, TakesOverFromOneThatIsGone) {
  {
    Log gone(*db_, kSource);
    Commit("a");
    EXPECT_TRUE(Eventually([&] { return gone.latest() == 1; }));
  }
  const auto other_db = Open();
  Log log(*other_db, kSource);
  Commit("b");
  EXPECT_TRUE(Eventually([&] { return log.latest() == 2; }));
}

TEST_F(SharedRelayTest, NumbersWithoutHolesWhateverManyReplicasDo) {
  constexpr int kReplicas = 3;
  constexpr int kWriters = 4;
  constexpr int kWrites = 25;
  std::vector<std::unique_ptr<sql::Database>> dbs;
  std::vector<std::unique_ptr<Log>> logs;
  for (int i = 0; i < kReplicas; ++i) {
    dbs.push_back(Open());
    logs.push_back(std::make_unique<Log>(*dbs.back(), kSource));
  }
  std::vector<std::thread> writers;
  for (int i = 0; i < kReplicas * kWriters; ++i) {
    writers.emplace_back([&, i] {
      for (int k = 0; k < kWrites; ++k) {
        EXPECT_THAT(dbs[i % kReplicas]->Write([&](sql::Tx& tx) {
          return EmitNamed(tx, absl::StrCat(i, "/", k));
        }),
                    Succeeds());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  constexpr int kAll = kReplicas * kWriters * kWrites;
  for (const auto& log : logs) {
    EXPECT_TRUE(Eventually([&] { return log->latest() == kAll; }));
    const auto response = log->Read(0, 1000);
    ASSERT_THAT(response, Succeeds());
    ASSERT_EQ(response->events_size(), kAll);
    std::vector<int> next(kReplicas * kWriters);
    for (int n = 0; n < kAll; ++n) {
      const v1::Event& event = response->events(n);
      EXPECT_EQ(event.number(), n + 1);
      // Each writer's own, in its order.
      const int writer = std::stoi(event.name());
      EXPECT_EQ(event.name(), absl::StrCat(writer, "/", next[writer]++));
    }
  }
}

TEST_F(SharedRelayTest, KnowsWhatWasAcknowledgedAtAnotherReplica) {
  const auto other_db = Open();
  Log log(*db_, kSource);
  Log other(*other_db, kSource);
  ASSERT_THAT(other.Ack("consumer/1", 0), Succeeds());
  Commit("a");
  EXPECT_THAT(
      log.AwaitApplied({.deadline = absl::Now() + absl::Milliseconds(100)}),
      FailsWith(errors::v1::NOT_YET_EVERYWHERE));
  ASSERT_TRUE(Eventually([&] { return other.latest() == 1; }));
  ASSERT_THAT(other.Ack("consumer/1", 1), Succeeds());
  EXPECT_THAT(log.AwaitApplied({}), Succeeds());
}

}  // namespace
}  // namespace praxis::events
