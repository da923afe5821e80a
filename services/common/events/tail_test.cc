#include "services/common/events/tail.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
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

constexpr char kLean[] = "communities/lean";

// A log with a tail that holds five events, and calls nobody without reason.
class TailTest : public ::testing::Test {
 protected:
  TailTest() : db_(*testing::OpenTestDatabase()) {
    EXPECT_THAT(sql::Migrate(*db_, {LogSchema()}), Succeeds());
    log_ = std::make_unique<Log>(*db_, "services/things");
  }

  Tail& tail() {
    if (tail_ == nullptr) {
      tail_ = std::make_unique<Tail>(*db_, *log_, options_);
    }
    return *tail_;
  }

  // One event in each scope, and the log knows.
  void Write(const std::vector<std::string>& scopes) {
    written_ += static_cast<int64_t>(scopes.size());
    EXPECT_THAT(db_->Write([&](sql::Tx& tx) {
      absl::Status status;
      for (const std::string& scope : scopes) {
        v1::Event event;
        event.set_type("thing.made");
        event.set_name(absl::StrCat("communities/", scope, "/things/t"));
        event.set_actor("members/ada");
        event.mutable_data()->set_value("what was written");
        event.mutable_access()->set_scope("communities/x");
        status.Update(Emit(tx, event));
      }
      return status;
    }),
                Succeeds());
    EXPECT_TRUE(Eventually([&] { return log_->latest() == written_; }));
  }

  // Waits in lean for the next call; its position.
  int64_t Await(int64_t after) {
    int64_t position = -1;
    absl::Notification called;
    tail().WhenNews(kLean, after, [&](int64_t to) {
      position = to;
      called.Notify();
    });
    called.WaitForNotification();
    return position;
  }

  // The numbers that the table has for lean, and up to where it was looked.
  std::vector<int64_t> InTable(int64_t after, int64_t* to) {
    std::deque<v1::Event> events;
    const auto read = tail().ReadTable(kLean, after, &events);
    EXPECT_THAT(read, Succeeds());
    *to = *read;
    std::vector<int64_t> numbers;
    for (const v1::Event& event : events) {
      EXPECT_FALSE(event.has_data() || event.has_access());
      numbers.push_back(event.number());
    }
    return numbers;
  }

  std::unique_ptr<sql::Database> db_;
  std::unique_ptr<Log> log_;
  Tail::Options options_{.events_max = 5, .call_every = absl::Hours(1)};
  int64_t written_ = 0;
  std::unique_ptr<Tail> tail_;
};

TEST_F(TailTest, BeginsWhereItIsAskedTo) {
  Write({"lean", "lean", "lean"});
  EXPECT_EQ(*tail().Begin(std::nullopt), 3);
  EXPECT_EQ(*tail().Begin(0), 0);
  EXPECT_EQ(*tail().Begin(3), 3);
  EXPECT_THAT(tail().Begin(4), FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(tail().Begin(-1), FailsWith(Reason::FIELD_INVALID));
}

TEST_F(TailTest, CallsWhoWaitsInTheScopeOfAnEvent) {
  absl::Notification other;
  tail().WhenNews("communities/other", 0, [&](int64_t) { other.Notify(); });
  absl::Notification lean;
  tail().WhenNews(kLean, 0, [&](int64_t) { lean.Notify(); });
  Write({"lean"});
  lean.WaitForNotification();
  EXPECT_FALSE(other.HasBeenNotified());
  const auto found = tail().Find(kLean, 0);
  ASSERT_TRUE(found.has_value());
  ASSERT_NE(found->event, nullptr);
  EXPECT_EQ(found->position, 1);
  EXPECT_EQ(found->event->name(), "communities/lean/things/t");
  EXPECT_EQ(found->event->actor(), "members/ada");
  EXPECT_EQ(found->event->source(), "services/things");
  EXPECT_FALSE(found->event->has_data());
  EXPECT_FALSE(found->event->has_access());
}

TEST_F(TailTest, MovesOnWhoWaitsPastTheEventsOfOthers) {
  options_.events_max = 10;
  absl::Notification called;
  int64_t position = -1;
  tail().WhenNews(kLean, 0, [&](int64_t to) {
    position = to;
    called.Notify();
  });
  Write({"other", "other", "leaner", "lea", "lean", "lean"});
  called.WaitForNotification();
  EXPECT_EQ(position, 4);
  EXPECT_EQ(tail().Find(kLean, position)->position, 5);
  EXPECT_EQ(tail().Find(kLean, 5)->position, 6);
  const auto end = tail().Find(kLean, 6);
  EXPECT_EQ(end->event, nullptr);
  EXPECT_EQ(end->position, 6);
}

TEST_F(TailTest, CallsAtOnceWhereThereIsSomething) {
  tail();
  absl::Notification first;
  tail().WhenNews(kLean, 0, [&](int64_t) { first.Notify(); });
  Write({"lean"});
  first.WaitForNotification();
  EXPECT_EQ(Await(0), 0);
  // Behind what is held.
  Write({"other", "other", "other", "other", "other", "other"});
  absl::Notification moved;
  tail().WhenNews("communities/other", 6, [&](int64_t) { moved.Notify(); });
  moved.WaitForNotification();
  EXPECT_FALSE(tail().Holds(0));
  EXPECT_EQ(Await(0), 0);
}

TEST_F(TailTest, CallsEveryoneFromTimeToTime) {
  options_.call_every = absl::Milliseconds(1);
  Write({"other", "other"});
  EXPECT_EQ(Await(2), 2);
}

TEST_F(TailTest, ForgetsWhoHasGone) {
  options_.call_every = absl::Hours(1);
  std::atomic<int> calls{0};
  const int64_t gone = tail().WhenNews(kLean, 0, [&](int64_t) { ++calls; });
  absl::Notification called;
  tail().WhenNews(kLean, 0, [&](int64_t) { called.Notify(); });
  tail().Cancel(kLean, gone);
  Write({"lean"});
  called.WaitForNotification();
  EXPECT_EQ(calls, 0);
}

TEST_F(TailTest, HoldsNoMoreThanItMayAndLeavesTheRestToTheTable) {
  tail();
  absl::Notification called;
  tail().WhenNews(kLean, 6, [&](int64_t) { called.Notify(); });
  Write({"lean", "other", "lean"});
  // All seven at once would be more than it looks at.
  Await(2);
  Write({"lean", "lean", "lean", "lean"});
  called.WaitForNotification();
  EXPECT_FALSE(tail().Find(kLean, 0).has_value());
  EXPECT_FALSE(tail().Holds(1));
  EXPECT_TRUE(tail().Holds(2));
  int64_t to = 0;
  EXPECT_THAT(InTable(0, &to), ElementsAre(1));
  EXPECT_EQ(to, 2);
  EXPECT_THAT(InTable(2, &to), IsEmpty());
  EXPECT_EQ(tail().Find(kLean, to)->position, 3);
}

TEST_F(TailTest, ReadsOnlyWhatAScopeHolds) {
  Write({"lean", "leaner", "other", "lean"});
  int64_t to = 0;
  EXPECT_THAT(InTable(0, &to), ElementsAre(1, 4));
  EXPECT_EQ(to, 4);
  EXPECT_THAT(InTable(1, &to), ElementsAre(4));
}

TEST_F(TailTest, LooksThroughTheTableStepByStep) {
  Write(std::vector<std::string>(150, "lean"));
  Write(std::vector<std::string>(1100, "other"));
  int64_t to = 0;
  EXPECT_EQ(InTable(0, &to).size(), 100u);
  EXPECT_EQ(to, 100);
  EXPECT_EQ(InTable(100, &to).size(), 50u);
  EXPECT_EQ(to, 1100);
  EXPECT_THAT(InTable(1100, &to), IsEmpty());
  EXPECT_EQ(to, 1250);
}

TEST_F(TailTest, SkipsWhatCameWhileNobodyWaited) {
  tail();
  Write(std::vector<std::string>(20, "lean"));
  // Who waits now, from before, is sent to the table for what was skipped.
  EXPECT_EQ(Await(0), 0);
  EXPECT_FALSE(tail().Holds(0));
  int64_t to = 0;
  EXPECT_EQ(InTable(0, &to).size(), 20u);
  EXPECT_EQ(to, 20);
  // And then all goes on as ever.
  absl::Notification called;
  tail().WhenNews(kLean, 20, [&](int64_t) { called.Notify(); });
  Write({"lean"});
  called.WaitForNotification();
  EXPECT_EQ(tail().Find(kLean, 20)->position, 21);
}

TEST_F(TailTest, EndsWhileTheLogIsInterrupted) {
  tail().WhenNews(kLean, 0, [](int64_t) {});
  log_->Interrupt();
  tail_ = nullptr;
}

}  // namespace
}  // namespace praxis::events
