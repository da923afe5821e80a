#include "services/common/ops/status_board.h"

#include <atomic>
#include <string>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"

namespace praxis::ops {
namespace {

using testing::Eventually;

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

class StatusBoardTest : public ::testing::Test {
 protected:
  absl::Status Ask(Numbers* numbers) {
    (*numbers)["looks"] = ++looks_;
    absl::Notification* const gate = gate_;
    if (gate != nullptr) gate->WaitForNotification();
    return well_ ? absl::OkStatus()
                 : Error(errors::v1::STORAGE_UNAVAILABLE, "The disk is full.");
  }

  v1::Check Seen() const { return board_.Of("books").checks(0); }

  std::atomic<bool> well_{true};
  std::atomic<int> looks_{0};
  std::atomic<absl::Notification*> gate_{nullptr};
  const absl::Time begin_ = absl::Now() - absl::Milliseconds(1);
  const StatusBoard board_{
      {{"books",
        {{"shelf", [this](Numbers* numbers) { return Ask(numbers); }},
         {"cat", [](Numbers*) { return absl::UnknownError("password=x"); }}}},
       {"loans", {}}},
      "1.2.3",
      absl::Milliseconds(1)};
};

TEST_F(StatusBoardTest, KnowsFromTheStart) {
  const v1::GetStatusResponse status = board_.Get();
  ASSERT_EQ(status.services_size(), 2);
  EXPECT_EQ(status.services(1).service(), "loans");
  EXPECT_EQ(status.services(1).checks_size(), 0);
  const v1::ServiceStatus& books = status.services(0);
  EXPECT_EQ(books.service(), "books");
  EXPECT_EQ(books.version(), "1.2.3");
  EXPECT_GT(TimeOf(books.start_time()), begin_);
  ASSERT_EQ(books.checks_size(), 2);
  EXPECT_EQ(books.checks(0).name(), "cat");
  EXPECT_EQ(books.checks(1).name(), "shelf");
  EXPECT_TRUE(books.checks(1).ok());
  EXPECT_EQ(books.checks(1).message(), "");
  EXPECT_GE(books.checks(1).numbers().at("looks"), 1);
  EXPECT_EQ(board_.Of("nobody").checks_size(), 0);
}

TEST_F(StatusBoardTest, ShowsOnlyWhatWasWrittenToBeShown) {
  EXPECT_FALSE(Seen().ok());
  EXPECT_EQ(Seen().message(), "It does not work; the log says why.");
}

TEST_F(StatusBoardTest, TellsSinceWhenItIsSo) {
  const auto shelf = [&] { return board_.Of("books").checks(1); };
  const absl::Time well_since = TimeOf(shelf().since());
  EXPECT_GT(well_since, begin_);
  const int before = looks_;
  ASSERT_TRUE(Eventually([&] { return looks_ > before + 3; }));
  EXPECT_EQ(TimeOf(shelf().since()), well_since);

  well_ = false;
  ASSERT_TRUE(Eventually([&] { return !shelf().ok(); }));
  EXPECT_EQ(shelf().message(), "The disk is full.");
  const absl::Time ill_since = TimeOf(shelf().since());
  EXPECT_GT(ill_since, well_since);

  well_ = true;
  ASSERT_TRUE(Eventually([&] { return shelf().ok(); }));
  EXPECT_GT(TimeOf(shelf().since()), ill_since);
  EXPECT_EQ(shelf().message(), "");
}

TEST_F(StatusBoardTest, TakesACheckThatHangsForOneThatFailed) {
  absl::Notification gate;
  gate_ = &gate;
  const auto shelf = [&] { return board_.Of("books").checks(1); };
  EXPECT_TRUE(Eventually([&] { return !shelf().ok(); }));
  EXPECT_EQ(shelf().message(), "It has not answered yet.");
  EXPECT_GE(shelf().latency().seconds(), 2);
  gate_ = nullptr;
  gate.Notify();
  EXPECT_TRUE(Eventually([&] { return shelf().ok(); }));
}

}  // namespace
}  // namespace praxis::ops
