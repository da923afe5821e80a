// What a projection trusts, and when.
#include "services/common/access/projection_fixture.h"

namespace praxis::access {
namespace {

TEST_F(ProjectionTest, SaysThatItCannotCatchUpAndDoesSoLater) {
  door_->shut = true;
  Commit({Shown(1)});
  EXPECT_THAT(projection_->CatchUp(), FailsWith(Reason::BACKEND_UNAVAILABLE));
  door_->shut = false;
  EXPECT_TRUE(Eventually([&] { return projection_->position() == 1; }));
}

// Whoever has no lease and cannot ask does not know what was taken back.
TEST_F(ProjectionTest, TrustsNothingButWhatIsPublicWhileTheSourceIsAway) {
  Announce({Shown(1), Granted(kAda, 4), Shown(2, "scopes/secret"),
            Granted(kAda, 4, "scopes/secret")});
  door_->shut = true;
  Start();
  EXPECT_EQ(Stands(kAda), "1/0");
  EXPECT_THAT(projection_->StandingOf(kAda, "scopes/secret"),
              FailsWith(Reason::ACCESS_UNKNOWN));
  EXPECT_THAT(projection_->CheckCurrent(kAda),
              FailsWith(Reason::ACCESS_UNKNOWN));
  EXPECT_THAT(projection_->CheckCurrent(""), Succeeds());
  door_->shut = false;
  EXPECT_TRUE(Eventually([&] { return projection_->CheckCurrent(kAda).ok(); }));
  EXPECT_EQ(Stands(kAda, "scopes/secret"), "2/4");
}

// What a reply may be kept by.
TEST_F(ProjectionTest, TellsHowFarItKnowsOnlyWhileItsLeaseHolds) {
  Announce({Shown(1), Granted(kAda, 4)});
  EXPECT_TRUE(Eventually([&] { return projection_->AppliedPosition() == 2; }));
  door_->shut = true;
  EXPECT_TRUE(Eventually([&] { return projection_->AppliedPosition() == 0; }));
  EXPECT_EQ(projection_->position(), 2);
  door_->shut = false;
  EXPECT_TRUE(Eventually([&] { return projection_->AppliedPosition() == 2; }));
}

// It was restored from a backup and gives numbers again: what they say now was
// passed over here.
TEST_F(ProjectionTest, TrustsNothingOnceTheSourceHasGoneBack) {
  Announce(
      {Shown(1), Shown(2, "scopes/secret"), Granted(kAda, 4, "scopes/secret")});
  projection_.reset();
  log_.reset();
  ASSERT_THAT(source_db_->Write([](sql::Tx& tx) {
    return tx.Execute("DELETE FROM events WHERE name <> 'x'", {}).status();
  }),
              Succeeds());
  log_ = std::make_unique<events::Log>(
      *source_db_, "services/members",
      events::LogOptions{.acks = {.lease = kLease}});
  door_ = std::make_unique<Door>(*log_);
  Start();
  EXPECT_THAT(projection_->StandingOf(kAda, "scopes/secret"),
              FailsWith(Reason::ACCESS_UNKNOWN));
  EXPECT_EQ(Stands(kAda), "1/0");
}

// Its own database failed over and has lost the end of what it held.
TEST_F(ProjectionTest, AppliesAnewWhatItsDatabaseHasLost) {
  Announce({Shown(2), Granted(kAda, 4)});
  Announce({Granted(kAda, 0)});
  EXPECT_EQ(Stands(kAda), "2/0");
  ASSERT_THAT(db_->Script("UPDATE access_positions SET number = 2;"
                          "INSERT INTO access_grants VALUES"
                          " ('scopes/lean', 'members/ada', 4);"),
              Succeeds());
  Commit({Granted(kBob, 2)});
  EXPECT_TRUE(Eventually(
      [&] { return projection_->CatchUp().ok() && Stands(kBob) == "2/2"; }));
  EXPECT_EQ(Stands(kAda), "2/0");
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
  Announce({Shown(1), Shown(1, "scopes/other")});
  ASSERT_THAT(db_->Script("CREATE UNIQUE INDEX poison ON access_grants"
                          " (principal) WHERE principal = 'members/bob';"
                          "INSERT INTO access_grants VALUES"
                          " ('scopes/full', 'members/bob', 2);"),
              Succeeds());
  Commit(
      {Granted(kBob, 2), Granted(kAda, 2), Granted(kAda, 3, "scopes/other")});
  EXPECT_TRUE(Eventually([&] { return projection_->position() == 5; }));
  EXPECT_EQ(Stands(kAda), "0/0");
  EXPECT_EQ(Stands(kAda, "scopes/other"), "1/3");
  EXPECT_EQ(DeadLetters(), 2);
}

}  // namespace
}  // namespace praxis::access
