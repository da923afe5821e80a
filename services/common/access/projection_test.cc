#include <atomic>
#include <thread>

#include "services/common/access/projection_fixture.h"

namespace praxis::access {
namespace {

TEST_F(ProjectionTest, KnowsNoScopeAtFirst) {
  EXPECT_EQ(Stands(kAda), "0/0");
  EXPECT_EQ(projection_->position(), 0);
}

TEST_F(ProjectionTest, FollowsScopesAndRoles) {
  Announce({Shown(2), Granted(kAda, 4)});
  EXPECT_EQ(Stands(kAda), "2/4");
  EXPECT_EQ(Stands(kBob), "2/0");
  EXPECT_EQ(Stands(""), "2/0");
  EXPECT_EQ(Stands(kAda, "scopes/other"), "0/0");

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
  EXPECT_TRUE(Eventually([&] { return projection_->CatchUp().ok(); }));
  EXPECT_EQ(Stands(kAda), "1/2");
}

TEST_F(ProjectionTest, AppliesMoreThanOneBatch) {
  std::vector<Event> events;
  for (int i = 0; i < 1700; ++i) {
    events.push_back(Shown(1 + i % 3, "scopes/c" + std::to_string(i)));
  }
  Announce(events);
  EXPECT_EQ(projection_->position(), 1700);
  EXPECT_EQ(Stands(kAda, "scopes/c1699"), "2/0");
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
