#include "services/common/events/log.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

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

v1::Event Named(const std::string& name) {
  v1::Event event;
  event.set_type("thing.made");
  event.set_name(name);
  event.set_actor("members/ada");
  event.mutable_time()->set_seconds(1'700'000'000);
  return event;
}

class LogTest : public ::testing::Test {
 protected:
  LogTest() : db_(*testing::OpenTestDatabase()) {
    EXPECT_THAT(sql::Migrate(*db_, {LogSchema()}), Succeeds());
    log_ = std::make_unique<Log>(*db_, "services/things");
  }

  absl::Status Write(const std::vector<std::string>& names,
                     absl::Status end = absl::OkStatus()) {
    return db_->Write([&](sql::Tx& tx) -> absl::Status {
      for (const std::string& name : names) {
        RETURN_IF_ERROR(Emit(tx, Named(name)));
      }
      return end;
    });
  }

  // "1 things/a" ...
  std::vector<std::string> Read(int64_t after, int limit = 100) {
    std::vector<std::string> lines;
    const absl::StatusOr<v1::ReadEventsResponse> response =
        log_->Read(after, limit);
    EXPECT_THAT(response, Succeeds());
    for (const v1::Event& event : response->events()) {
      lines.push_back(std::to_string(event.number()) + " " + event.name());
    }
    return lines;
  }

  std::unique_ptr<sql::Database> db_;
  std::unique_ptr<Log> log_;
};

TEST_F(LogTest, NumbersEventsFromOneInTheirOrder) {
  ASSERT_THAT(Write({"a", "b"}), Succeeds());
  ASSERT_THAT(Write({"c"}), Succeeds());
  EXPECT_THAT(Read(0), ElementsAre("1 a", "2 b", "3 c"));
}

TEST_F(LogTest, GivesBackTheWholeEventWithNumberAndSource) {
  v1::Event event = Named("things/a");
  event.set_number(99);
  event.set_source("services/liar");
  event.set_trace_id("0123456789abcdef0123456789abcdef");
  event.mutable_access()->set_scope("things/a");
  event.mutable_access()->set_visibility(v1::HIDDEN);
  ASSERT_THAT(db_->Write([&](sql::Tx& tx) { return Emit(tx, event); }),
              Succeeds());

  event.set_number(1);
  event.set_source("services/things");
  const auto response = log_->Read(0, 1);
  ASSERT_THAT(response, Succeeds());
  ASSERT_EQ(response->events_size(), 1);
  EXPECT_EQ(response->events(0).SerializeAsString(), event.SerializeAsString());
}

TEST_F(LogTest, LeavesNoHoleWhereAWriteFailed) {
  ASSERT_THAT(Write({"a"}), Succeeds());
  EXPECT_FALSE(Write({"b", "c"}, absl::AbortedError("no")).ok());
  ASSERT_THAT(Write({"d"}), Succeeds());
  EXPECT_THAT(Read(0), ElementsAre("1 a", "2 d"));
}

TEST_F(LogTest, LeavesNoHoleAmongManyWritersOfWhomSomeFail) {
  std::atomic<int> written{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 16; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 40; ++i) {
        const bool fails = (writer + i) % 3 == 0;
        EXPECT_EQ(Write({"x", "y"},
                        fails ? absl::AbortedError("no") : absl::OkStatus())
                      .ok(),
                  !fails);
        if (!fails) written += 2;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();

  const auto response = log_->Read(0, 1000);
  ASSERT_THAT(response, Succeeds());
  for (int i = 0; i < response->events_size(); ++i) {
    ASSERT_EQ(response->events(i).number(), i + 1);
  }
  EXPECT_EQ(response->latest(), written.load());
}

TEST_F(LogTest, ReadsOnFromAnyNumberInPages) {
  ASSERT_THAT(Write({"a", "b", "c", "d"}), Succeeds());
  EXPECT_THAT(Read(0, 2), ElementsAre("1 a", "2 b"));
  EXPECT_THAT(Read(2, 2), ElementsAre("3 c", "4 d"));
  EXPECT_THAT(Read(4), IsEmpty());
  EXPECT_THAT(Read(0, 0), ElementsAre("1 a"));
  EXPECT_EQ(log_->Read(1, 1)->latest(), 4);
}

TEST_F(LogTest, GoesPastAnEventThatDoesNotParse) {
  ASSERT_THAT(Write({"a", "b", "c"}), Succeeds());
  ASSERT_THAT(db_->Write([](sql::Tx& tx) {
    return tx
        .Execute("UPDATE events SET body = $1 WHERE name = 'b'",
                 {sql::Param::Blob("\xff")})
        .status();
  }),
              Succeeds());
  EXPECT_THAT(Read(0), ElementsAre("1 a", "2 b", "3 c"));
  EXPECT_EQ(log_->Read(1, 1)->events(0).type(), "thing.made");
}

TEST_F(LogTest, KnowsTheNewestNumberAfterARestart) {
  EXPECT_EQ(log_->latest(), 0);
  ASSERT_THAT(Write({"a", "b"}), Succeeds());
  // On PostgreSQL it has a number only once the log's thread was there.
  ASSERT_TRUE(Eventually([&] { return log_->latest() == 2; }));
  log_.reset();
  log_ = std::make_unique<Log>(*db_, "services/things");
  EXPECT_EQ(log_->latest(), 2);
}

// A failover that lost commits leaves this process with a newest number that is
// not there any more: who had come so far is told, and is not waited for by the
// number that another event will get.
TEST_F(LogTest, RefusesAnAcknowledgementOfWhatItsDatabaseHasLost) {
  log_ = std::make_unique<Log>(*db_, "services/things",
                               LogOptions{.acks = {.lease = absl::Hours(1)}});
  ASSERT_THAT(Write({"a", "b", "c"}), Succeeds());
  ASSERT_TRUE(Eventually([&] { return log_->latest() == 3; }));
  ASSERT_THAT(log_->Ack("consumer/1", 0), Succeeds());
  ASSERT_THAT(db_->Write([](sql::Tx& tx) {
    return tx.Execute("DELETE FROM events WHERE number > 1", {}).status();
  }),
              Succeeds());
  EXPECT_THAT(log_->Ack("consumer/1", 3), FailsWith(errors::v1::FIELD_INVALID));
  // Nothing was put: it has still not come to 1.
  EXPECT_THAT(log_->AwaitApplied({.deadline = absl::Now()}),
              FailsWith(errors::v1::NOT_YET_EVERYWHERE));
  EXPECT_THAT(log_->Ack("consumer/1", 1), Succeeds());
  EXPECT_THAT(log_->AwaitApplied({.deadline = absl::Now()}), Succeeds());
}

TEST_F(LogTest, MayGoBeforeItsDatabase) {
  log_.reset();
  EXPECT_THAT(Write({"a"}), Succeeds());
}

TEST_F(LogTest, WaitsForTheNextEvent) {
  ASSERT_THAT(Write({"a"}), Succeeds());
  // There already.
  log_->WaitFor(0, absl::InfiniteDuration());
  std::atomic<bool> back{false};
  std::thread waiter([&] {
    log_->WaitFor(1, absl::InfiniteDuration());
    back = true;
    EXPECT_GE(log_->latest(), 2);
  });
  EXPECT_FALSE(back.load());
  ASSERT_THAT(Write({"b"}), Succeeds());
  waiter.join();
}

TEST_F(LogTest, WaitsNoLongerThanTold) {
  log_->WaitFor(0, absl::Milliseconds(1));
  EXPECT_EQ(log_->latest(), 0);
}

TEST_F(LogTest, WakesThoseWhoWaitNowWithoutAnEvent) {
  std::atomic<bool> back{false};
  std::thread waiter([&] {
    log_->WaitFor(0, absl::InfiniteDuration());
    back = true;
  });
  // The first call may come before the thread waits.
  EXPECT_TRUE(Eventually([&] {
    log_->Wake();
    return back.load();
  }));
  waiter.join();
}

TEST_F(LogTest, LetsEveryoneGoOnceInterrupted) {
  std::atomic<int> calls{0};
  std::thread waiter([&] { log_->WaitFor(0, absl::InfiniteDuration()); });
  log_->WhenAfter(0, [&] { ++calls; });
  log_->Interrupt();
  waiter.join();
  log_->WaitFor(0, absl::InfiniteDuration());
  log_->WhenAfter(0, [&] { ++calls; });
  EXPECT_EQ(calls.load(), 2);
}

TEST_F(LogTest, CallsBackOnceWhenTheEventIsThere) {
  std::atomic<int> first{0};
  std::atomic<int> third{0};
  log_->WhenAfter(0, [&] { ++first; });
  log_->WhenAfter(2, [&] { ++third; });
  ASSERT_THAT(Write({"a"}), Succeeds());
  EXPECT_TRUE(Eventually([&] { return first.load() == 1; }));
  ASSERT_THAT(Write({"b"}), Succeeds());
  EXPECT_TRUE(Eventually([&] { return log_->latest() == 2; }));
  EXPECT_EQ(third.load(), 0);
  ASSERT_THAT(Write({"c"}), Succeeds());
  EXPECT_TRUE(Eventually([&] { return third.load() == 1; }));
  EXPECT_EQ(first.load(), 1);
}

TEST_F(LogTest, CallsBackAtOnceWhenTheEventIsThereAlready) {
  ASSERT_THAT(Write({"a"}), Succeeds());
  log_->WaitFor(0, absl::InfiniteDuration());
  int calls = 0;
  log_->WhenAfter(0, [&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST_F(LogTest, NeverCallsBackAfterCancel) {
  std::atomic<bool> cancelled_called{false};
  std::atomic<bool> kept_called{false};
  const int64_t id = log_->WhenAfter(0, [&] { cancelled_called = true; });
  log_->WhenAfter(0, [&] { kept_called = true; });
  log_->Cancel(id);
  log_->Cancel(id);
  ASSERT_THAT(Write({"a"}), Succeeds());
  EXPECT_TRUE(Eventually([&] { return kept_called.load(); }));
  EXPECT_FALSE(cancelled_called.load());
}

TEST_F(LogTest, CancelWaitsForACallbackThatRuns) {
  std::atomic<bool> started{false};
  std::atomic<bool> may_end{false};
  std::atomic<bool> ended{false};
  const int64_t id = log_->WhenAfter(0, [&] {
    started = true;
    EXPECT_TRUE(Eventually([&] { return may_end.load(); }));
    ended = true;
  });
  ASSERT_THAT(Write({"a"}), Succeeds());
  ASSERT_TRUE(Eventually([&] { return started.load(); }));
  std::thread canceller([&] {
    log_->Cancel(id);
    EXPECT_TRUE(ended.load());
  });
  may_end = true;
  canceller.join();
}

TEST_F(LogTest, ACallbackMayCancelAnotherAndAskAgain) {
  std::atomic<int> others{0};
  std::atomic<bool> again{false};
  int64_t other = 0;
  std::atomic<int64_t> self{0};
  self = log_->WhenAfter(0, [&] {
    log_->Cancel(self);
    log_->Cancel(other);
    log_->WhenAfter(0, [&] { again = true; });
  });
  other = log_->WhenAfter(0, [&] { ++others; });
  ASSERT_THAT(Write({"a"}), Succeeds());
  EXPECT_TRUE(Eventually([&] { return again.load(); }));
  EXPECT_EQ(others.load(), 0);
}

}  // namespace
}  // namespace praxis::events
