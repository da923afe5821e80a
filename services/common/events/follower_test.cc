// What is left to test of a follower where access/projection_test.cc ends: one
// that keeps nothing.
#include "services/common/events/follower.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"
#include "services/common/testing/door.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::events {
namespace {

using testing::Door;
using testing::Eventually;
using testing::GoingBack;
using testing::Succeeds;

// Notes the names of what it is given, unless it cannot.
class Notes : public Applier {
 public:
  absl::Status Apply(const v1::ReadEventsResponse& batch,
                     Progress* progress) override {
    ++tries;
    if (away) return Error(errors::v1::STORAGE_UNAVAILABLE, "It is away.");
    absl::MutexLock lock(&mutex_);
    for (const v1::Event& event : batch.events()) {
      if (event.number() > progress->position) names_.push_back(event.name());
    }
    progress->position = batch.events().rbegin()->number();
    progress->is_urgent = true;
    return absl::OkStatus();
  }
  bool StartFrom(int64_t number) override {
    absl::MutexLock lock(&mutex_);
    names_ = {absl::StrCat("after ", number)};
    return true;
  }

  std::vector<std::string> names() {
    absl::MutexLock lock(&mutex_);
    return names_;
  }

  // Its database is.
  std::atomic<bool> away{false};
  std::atomic<int> tries{0};

 private:
  absl::Mutex mutex_;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
};

class FollowerTest : public ::testing::Test {
 protected:
  FollowerTest() : db_(*sql::OpenSqlite({})) {
    EXPECT_THAT(sql::Migrate(*db_, {LogSchema()}), Succeeds());
    log_ = std::make_unique<Log>(
        *db_, "services/members",
        LogOptions{.acks = {.lease = absl::Milliseconds(300)}});
    door_ = std::make_unique<Door>(*log_);
  }
  void Commit(const std::string& name) {
    v1::Event event;
    event.set_name(name);
    ASSERT_THAT(db_->Write([&](sql::Tx& tx) { return Emit(tx, event); }),
                Succeeds());
  }
  bool HoldsSoon(const Follower& follower) {
    return Eventually([&] { return follower.Holds(); });
  }

  std::unique_ptr<sql::Database> db_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Door> door_;
  Notes notes_;
};

TEST_F(FollowerTest, BeginsWithWhatComesNextWhereThatIsAsked) {
  Commit("a");
  Commit("b");
  const Follower follower(*door_, notes_,
                          {.consumer = "test", .position = Follower::kFromNow});
  ASSERT_TRUE(HoldsSoon(follower));
  EXPECT_EQ(follower.position(), 2);
  Commit("c");
  EXPECT_TRUE(Eventually([&] { return door_->acked == 3; }));
  EXPECT_THAT(notes_.names(), ::testing::ElementsAre("after 2", "c"));
}

// Else who takes access away would wait for its lease to be over: here an hour.
TEST_F(FollowerTest, GivesItsLeaseBackWhenItEnds) {
  log_ = std::make_unique<Log>(*db_, "services/members",
                               LogOptions{.acks = {.lease = absl::Hours(1)}});
  {
    const Follower follower(*log_, notes_, {.consumer = "test"});
    ASSERT_TRUE(HoldsSoon(follower));
  }
  Commit("a");
  EXPECT_THAT(log_->AwaitApplied({.deadline = absl::Now() + absl::Minutes(1)}),
              Succeeds());
}

TEST_F(FollowerTest, BeginsWhenTheSourceAnswers) {
  door_->shut = true;
  const Follower follower(*door_, notes_,
                          {.consumer = "test", .position = Follower::kFromNow});
  EXPECT_TRUE(Eventually([&] { return door_->reads > 1; }));
  EXPECT_FALSE(follower.Holds());
  Commit("a");
  door_->shut = false;
  ASSERT_TRUE(HoldsSoon(follower));
  EXPECT_EQ(follower.position(), 1);
}

// Its own database is away: its lease must end, or whoever takes access away
// would wait for it as long as that lasts.
TEST_F(FollowerTest, LosesItsLeaseWhileItCannotApply) {
  const Follower follower(*door_, notes_, {.consumer = "test"});
  ASSERT_TRUE(HoldsSoon(follower));
  notes_.away = true;
  Commit("a");
  ASSERT_TRUE(Eventually([&] { return notes_.tries > 0; }));
  door_->acked = -1;
  EXPECT_TRUE(Eventually([&] { return !follower.Holds(); }));
  EXPECT_THAT(log_->AwaitApplied({.deadline = absl::Now() + absl::Minutes(1)}),
              Succeeds());
  // It goes on trying, and says nothing.
  const int tries = notes_.tries;
  EXPECT_TRUE(Eventually([&] { return notes_.tries > tries + 1; }));
  EXPECT_EQ(door_->acked, -1);
  notes_.away = false;
  EXPECT_TRUE(HoldsSoon(follower));
  EXPECT_EQ(follower.position(), 1);
}

// Restored from a backup, it gives numbers again, which must not be passed
// over.
TEST_F(FollowerTest, StartsOverWithASourceThatHasGoneBack) {
  Commit("a");
  GoingBack source(*log_, /*more=*/10);
  const Follower follower(source, notes_,
                          {.consumer = "test", .position = Follower::kFromNow});
  ASSERT_TRUE(HoldsSoon(follower));
  EXPECT_EQ(follower.position(), 11);
  source.GoBack();
  ASSERT_TRUE(Eventually([&] { return follower.position() == 1; }));
  ASSERT_TRUE(HoldsSoon(follower));
  Commit("c");
  EXPECT_TRUE(Eventually([&] { return notes_.names().size() == 2; }));
  EXPECT_THAT(notes_.names(), ::testing::ElementsAre("after 1", "c"));
}

}  // namespace
}  // namespace praxis::events
