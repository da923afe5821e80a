#include "services/common/access/projection.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/access/projection_store.h"
#include "services/common/events/log.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::access {
namespace {

using events::v1::Event;
using testing::Eventually;
using testing::FailsWith;
using testing::Succeeds;

// Short, for a test waits until it is over.
constexpr absl::Duration kLease = absl::Milliseconds(300);
constexpr char kLean[] = "communities/lean";
constexpr char kAda[] = "members/ada";
constexpr char kBob[] = "members/bob";

Event Change() {
  Event event;
  event.set_type("community.changed");
  event.mutable_access()->set_scope(kLean);
  return event;
}
Event Shown(int visibility, const std::string& scope = kLean) {
  Event event = Change();
  event.mutable_access()->set_scope(scope);
  event.mutable_access()->set_visibility(static_cast<Visibility>(visibility));
  return event;
}
Event Granted(const std::string& principal, int role,
              const std::string& scope = kLean) {
  Event event = Change();
  event.mutable_access()->set_scope(scope);
  event.mutable_access()->mutable_grant()->set_principal(principal);
  event.mutable_access()->mutable_grant()->set_role(static_cast<Role>(role));
  return event;
}
Event Removed() {
  Event event = Change();
  event.mutable_access()->set_removed(true);
  return event;
}

// A log behind a door: while it is shut, reading fails; a reader can be held
// between its answer and its return. Counts the reads.
class Door : public events::Source {
 public:
  explicit Door(events::Log& log) : log_(log) {}

  const std::string& name() const override { return log_.name(); }
  absl::StatusOr<events::v1::ReadEventsResponse> Read(int64_t after,
                                                      int limit) override {
    ++reads;
    if (shut) {
      return Error(errors::v1::BACKEND_UNAVAILABLE, "The door is shut.");
    }
    auto response = log_.Read(after, limit);
    if (hold.exchange(false)) {
      held = true;
      EXPECT_TRUE(Eventually([this] { return let_go.load(); }));
    }
    return response;
  }
  void WaitFor(int64_t after, absl::Duration timeout) override {
    if (deaf) {
      // As if nothing ever came: until someone wakes it.
      log_.WaitFor(1 << 30, timeout);
    } else {
      log_.WaitFor(after, timeout);
    }
  }
  absl::StatusOr<events::Grant> Ack(absl::string_view consumer,
                                    int64_t number) override {
    if (shut) {
      return Error(errors::v1::BACKEND_UNAVAILABLE, "The door is shut.");
    }
    if (before_ack) std::exchange(before_ack, nullptr)();
    acked = number;
    return log_.Ack(consumer, number);
  }
  void Interrupt() override { log_.Interrupt(); }
  void Wake() override { log_.Wake(); }

  std::atomic<bool> shut{false};
  std::atomic<bool> deaf{false};
  std::atomic<bool> hold{false};
  std::atomic<bool> held{false};
  std::atomic<bool> let_go{false};
  std::atomic<int> reads{0};
  // What was acknowledged last, and what happens once before that.
  std::atomic<int64_t> acked{-1};
  std::function<void()> before_ack;

 private:
  events::Log& log_;
};

class ProjectionTest : public ::testing::Test {
 protected:
  ProjectionTest()
      : source_db_(*sql::OpenSqlite({})), db_(*testing::OpenTestDatabase()) {
    EXPECT_THAT(sql::Migrate(*source_db_, {events::LogSchema()}), Succeeds());
    EXPECT_THAT(sql::Migrate(*db_, {ProjectionSchema()}), Succeeds());
    log_ = std::make_unique<events::Log>(
        *source_db_, "services/members",
        events::LogOptions{.acks = {.lease = kLease}});
    door_ = std::make_unique<Door>(*log_);
    Start();
  }
  void Start() {
    projection_.reset();
    auto started = Projection::Start(*db_, *door_);
    ASSERT_THAT(started, Succeeds());
    projection_ = *std::move(started);
  }

  void Commit(const std::vector<Event>& events) {
    ASSERT_THAT(source_db_->Write([&](sql::Tx& tx) -> absl::Status {
      for (const Event& event : events) {
        RETURN_IF_ERROR(events::Emit(tx, event));
      }
      return absl::OkStatus();
    }),
                Succeeds());
  }
  // What was committed is known from here on.
  void Announce(const std::vector<Event>& events) {
    Commit(events);
    ASSERT_THAT(projection_->CatchUp(), Succeeds());
  }

  // "visibility/role"
  std::string Stands(const std::string& principal,
                     const std::string& scope = kLean) {
    const auto standing = projection_->StandingOf(principal, scope);
    EXPECT_THAT(standing, Succeeds());
    return std::to_string(standing->visibility) + "/" +
           std::to_string(standing->role);
  }

  // Whether the lease has come and all is applied that it asks for.
  bool HoldsSoon() {
    return Eventually([&] {
      const int before = door_->reads;
      EXPECT_THAT(projection_->StandingOf(kAda, kLean), Succeeds());
      return door_->reads == before;
    });
  }

  int64_t DeadLetters() {
    int64_t count = -1;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(count, CountDeadLetters(reader));
      return absl::OkStatus();
    }),
                Succeeds());
    return count;
  }

  int64_t StoredPosition() {
    int64_t number = -1;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) {
      return reader.Query("SELECT number FROM access_positions", {},
                          [&](const sql::Row& row) {
                            number = row.Int(0);
                            return absl::OkStatus();
                          });
    }),
                Succeeds());
    return number;
  }

  std::unique_ptr<sql::Database> source_db_;
  std::unique_ptr<sql::Database> db_;
  std::unique_ptr<events::Log> log_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<Projection> projection_;
};

TEST_F(ProjectionTest, KnowsNoScopeAtFirst) {
  EXPECT_EQ(Stands(kAda), "0/0");
  EXPECT_EQ(projection_->position(), 0);
}

TEST_F(ProjectionTest, FollowsScopesAndRoles) {
  Announce({Shown(2), Granted(kAda, 4)});
  EXPECT_EQ(Stands(kAda), "2/4");
  EXPECT_EQ(Stands(kBob), "2/0");
  EXPECT_EQ(Stands(""), "2/0");
  EXPECT_EQ(Stands(kAda, "communities/other"), "0/0");

  Announce({Granted(kAda, 1), Granted(kBob, 2), Shown(3)});
  EXPECT_EQ(Stands(kAda), "3/1");
  EXPECT_EQ(Stands(kBob), "3/2");

  Announce({Granted(kAda, 0)});
  EXPECT_EQ(Stands(kAda), "3/0");
}

TEST_F(ProjectionTest, FollowsByItself) {
  Commit({Shown(1), Granted(kAda, 2)});
  EXPECT_TRUE(Eventually([&] { return projection_->position() == 2; }));
  EXPECT_EQ(Stands(kAda), "1/2");
}

TEST_F(ProjectionTest, ForgetsWhoBelongedToAScopeThatIsGone) {
  Announce({Shown(1), Granted(kAda, 4)});
  EXPECT_EQ(Stands(kAda), "1/4");
  Announce({Removed()});
  EXPECT_EQ(Stands(kAda), "0/0");
  // Made anew, it is another one.
  Announce({Shown(2)});
  EXPECT_EQ(Stands(kAda), "2/0");
}

TEST_F(ProjectionTest, CountsNoGrantInAScopeThatDoesNotExist) {
  Announce({Granted(kAda, 4)});
  EXPECT_EQ(Stands(kAda), "0/0");
}

TEST_F(ProjectionTest, TakesAVisibilityItDoesNotKnowForHidden) {
  Announce({Shown(1), Shown(9)});
  EXPECT_EQ(Stands(kAda), "3/0");
  Announce({Shown(1), Shown(0)});
  EXPECT_EQ(Stands(kAda), "3/0");
}

TEST_F(ProjectionTest, GoesOnPastEventsThatMakeNoSense) {
  Event nothing = Change();
  Event without_scope = Shown(1, "");
  Event not_removed = Change();
  not_removed.mutable_access()->set_removed(false);
  const std::vector<Event> events = {Shown(1),
                                     nothing,
                                     without_scope,
                                     not_removed,
                                     Granted("", 4),
                                     Granted(std::string("members/\0x", 10), 4),
                                     Granted(std::string(5000, 'x'), 4),
                                     Granted(kBob, -3),
                                     Granted(kAda, 2)};
  Announce(events);
  EXPECT_EQ(projection_->position(), events.size());
  EXPECT_EQ(Stands(kAda), "1/2");
  EXPECT_EQ(Stands(kBob), "1/0");
  EXPECT_EQ(Stands(""), "1/0");
}

TEST_F(ProjectionTest, GoesOnPastAnEventThatDoesNotParse) {
  Commit({Shown(1)});
  ASSERT_THAT(projection_->CatchUp(), Succeeds());
  door_->shut = true;
  Commit({Shown(3), Granted(kAda, 2)});
  ASSERT_THAT(source_db_->Script("UPDATE events SET body = x'ff'"
                                 " WHERE number = 2;"),
              Succeeds());
  door_->shut = false;
  ASSERT_THAT(projection_->CatchUp(), Succeeds());
  EXPECT_EQ(Stands(kAda), "1/2");
}

TEST_F(ProjectionTest, AppliesMoreThanOneBatch) {
  std::vector<Event> events;
  for (int i = 0; i < 1700; ++i) {
    events.push_back(Shown(1 + i % 3, "communities/c" + std::to_string(i)));
  }
  Announce(events);
  EXPECT_EQ(projection_->position(), 1700);
  EXPECT_EQ(Stands(kAda, "communities/c1699"), "2/0");
}

TEST_F(ProjectionTest, GoesOnWhereItStopped) {
  Announce({Shown(2), Granted(kAda, 4)});
  Start();
  EXPECT_EQ(projection_->position(), 2);
  EXPECT_EQ(Stands(kAda), "2/4");
  Announce({Granted(kAda, 1)});
  EXPECT_EQ(Stands(kAda), "2/1");
}

TEST_F(ProjectionTest, AppliesNoEventTwice) {
  Announce({Shown(2), Granted(kAda, 4)});
  // As if another process of this service had come further already.
  ASSERT_THAT(db_->Script("UPDATE access_positions SET number = 3;"),
              Succeeds());
  Announce({Granted(kAda, 1), Granted(kBob, 2)});
  EXPECT_EQ(Stands(kAda), "2/4");
  EXPECT_EQ(Stands(kBob), "2/2");
}

TEST_F(ProjectionTest, PassesEventsWithoutAccessAndNotesItNowAndThen) {
  const Event other;
  Announce({Shown(1), other});
  EXPECT_EQ(StoredPosition(), 2);
  Announce({other, other});
  EXPECT_EQ(projection_->position(), 4);
  EXPECT_EQ(StoredPosition(), 2);
  Announce(std::vector<Event>(1100, other));
  EXPECT_EQ(projection_->position(), 1104);
  EXPECT_GE(StoredPosition(), 1002);
}

TEST_F(ProjectionTest, SaysThatItCannotCatchUpAndDoesSoLater) {
  door_->shut = true;
  Commit({Shown(1)});
  EXPECT_THAT(projection_->CatchUp(), FailsWith(Reason::BACKEND_UNAVAILABLE));
  door_->shut = false;
  EXPECT_TRUE(Eventually([&] { return projection_->position() == 1; }));
}

// Whoever has no lease and cannot ask does not know what was taken back.
TEST_F(ProjectionTest, TrustsNothingButWhatIsPublicWhileTheSourceIsAway) {
  Announce({Shown(1), Granted(kAda, 4), Shown(2, "communities/secret"),
            Granted(kAda, 4, "communities/secret")});
  door_->shut = true;
  Start();
  EXPECT_EQ(Stands(kAda), "1/0");
  EXPECT_THAT(projection_->StandingOf(kAda, "communities/secret"),
              FailsWith(Reason::ACCESS_UNKNOWN));
  EXPECT_THAT(projection_->CheckCurrent(kAda),
              FailsWith(Reason::ACCESS_UNKNOWN));
  EXPECT_THAT(projection_->CheckCurrent(""), Succeeds());
  door_->shut = false;
  EXPECT_EQ(Stands(kAda, "communities/secret"), "2/4");
  EXPECT_THAT(projection_->CheckCurrent(kAda), Succeeds());
}

TEST_F(ProjectionTest, AnswersWithoutAskingWhileItsLeaseHolds) {
  Announce({Shown(2), Granted(kAda, 4)});
  ASSERT_TRUE(HoldsSoon());
  const int before = door_->reads;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(Stands(kAda), "2/4");
  EXPECT_LE(door_->reads - before, 10);
}

// What the lease is for: whoever takes access away waits for this projection,
// and not for one that is gone.
TEST_F(ProjectionTest, IsWaitedForAsLongAsItsLeaseHolds) {
  Announce({Shown(2), Granted(kAda, 4)});
  ASSERT_TRUE(HoldsSoon());
  Commit({Granted(kAda, 0)});
  EXPECT_THAT(log_->AwaitApplied({}), Succeeds());
  EXPECT_EQ(Stands(kAda), "2/0");

  door_->shut = true;
  Commit({Granted(kAda, 4)});
  EXPECT_THAT(
      log_->AwaitApplied({.deadline = absl::Now() + absl::Milliseconds(20)}),
      FailsWith(Reason::NOT_YET_EVERYWHERE));
  EXPECT_THAT(log_->AwaitApplied({}), Succeeds());
  EXPECT_THAT(projection_->StandingOf(kAda, kLean),
              FailsWith(Reason::ACCESS_UNKNOWN));
}

// An event that the database does not take must not hold up the others.
// Else whoever made the change would wait for the next sign of life, which with
// this lease is 20 minutes away.
TEST_F(ProjectionTest, AcknowledgesAtOnceWhatItHasCaughtUpWith) {
  projection_.reset();
  log_ = std::make_unique<events::Log>(
      *source_db_, "services/members",
      events::LogOptions{.acks = {.lease = absl::Hours(1)}});
  door_ = std::make_unique<Door>(*log_);
  door_->deaf = true;
  door_->before_ack = [this] { Commit({Shown(events::v1::PRIVATE)}); };
  Start();
  EXPECT_TRUE(Eventually([this] { return door_->acked == 1; }));
}

TEST_F(ProjectionTest, BuriesAnEventThatCannotBeAppliedAndHidesItsScope) {
  Announce({Shown(1), Shown(1, "communities/other")});
  ASSERT_THAT(db_->Script("CREATE UNIQUE INDEX poison ON access_grants"
                          " (principal) WHERE principal = 'members/bob';"
                          "INSERT INTO access_grants VALUES"
                          " ('communities/full', 'members/bob', 2);"),
              Succeeds());
  Commit({Granted(kBob, 2), Granted(kAda, 2),
          Granted(kAda, 3, "communities/other")});
  EXPECT_TRUE(Eventually([&] { return projection_->position() == 5; }));
  EXPECT_EQ(Stands(kAda), "0/0");
  EXPECT_EQ(Stands(kAda, "communities/other"), "1/3");
  EXPECT_EQ(DeadLetters(), 2);
}

TEST_F(ProjectionTest, CatchesUpThoughTheSourceSaysNothing) {
  door_->deaf = true;
  Announce({Shown(1)});
  EXPECT_EQ(Stands(kAda), "1/0");
}

// A run that read the source before the commit must not serve a caller who
// came after it.
TEST_F(ProjectionTest, CatchUpBeginsAfterItWasCalled) {
  door_->hold = true;
  std::thread early([&] { EXPECT_THAT(projection_->CatchUp(), Succeeds()); });
  ASSERT_TRUE(Eventually([&] { return door_->held.load(); }));
  Commit({Shown(1), Granted(kAda, 2)});
  std::atomic<bool> back{false};
  std::thread late([&] {
    EXPECT_THAT(projection_->CatchUp(), Succeeds());
    EXPECT_EQ(Stands(kAda), "1/2");
    back = true;
  });
  EXPECT_FALSE(back.load());
  door_->let_go = true;
  early.join();
  late.join();
}

TEST_F(ProjectionTest, CatchesUpOnceForAllWhoWait) {
  door_->hold = true;
  std::thread first([&] { EXPECT_THAT(projection_->CatchUp(), Succeeds()); });
  ASSERT_TRUE(Eventually([&] { return door_->held.load(); }));
  const int before = door_->reads;
  std::atomic<int> started{0};
  std::vector<std::thread> others;
  for (int i = 0; i < 32; ++i) {
    others.emplace_back([&] {
      ++started;
      EXPECT_THAT(projection_->CatchUp(), Succeeds());
    });
  }
  ASSERT_TRUE(Eventually([&] { return started.load() == 32; }));
  door_->let_go = true;
  first.join();
  for (std::thread& other : others) other.join();
  // One run for those who came in time, one for the slow, one of its own
  // thread.
  EXPECT_LE(door_->reads - before, 8);
}

TEST_F(ProjectionTest, NeverAnswersOlderThanACaughtUpChange) {
  Announce({Shown(2)});
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done.load()) projection_->StandingOf(kAda, kLean).IgnoreError();
    });
  }
  for (int i = 0; i < 150; ++i) {
    const int role = i % 5;
    Announce({Granted(kAda, role)});
    EXPECT_EQ(Stands(kAda), "2/" + std::to_string(role));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST_F(ProjectionTest, StopsWhileTheSourceGoesOnForOthers) {
  auto other_db = *testing::OpenTestDatabase();
  ASSERT_THAT(sql::Migrate(*other_db, {ProjectionSchema()}), Succeeds());
  auto other = *Projection::Start(*other_db, *door_);
  projection_.reset();
  Commit({Shown(1)});
  EXPECT_TRUE(Eventually([&] { return other->position() == 1; }));
}

TEST_F(ProjectionTest, FollowsASourceThatWasInterrupted) {
  log_->Interrupt();
  Commit({Shown(1)});
  EXPECT_TRUE(Eventually([&] { return projection_->position() == 1; }));
}

}  // namespace
}  // namespace praxis::access
