#include "services/discussions/handlers/watches.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/discussions/testing/discussions.h"

namespace praxis::discussions {
namespace {

using events::v1::Event;
using ::praxis::testing::FailsWith;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "lean" is public, with Ada; "shy" hidden, with Ada and Bob.
class WatchesTest : public ::testing::Test {
 protected:
  WatchesTest() {
    server_.Found("lean", events::v1::PUBLIC);
    server_.Join("lean", "ada");
    server_.Found("shy", events::v1::HIDDEN);
    server_.Join("shy", "ada");
    server_.Join("shy", "bob");
  }

  // An open WatchEvents.
  class Stream {
   public:
    Stream(testing::Discussions& server, absl::string_view person,
           absl::string_view community, std::optional<int64_t> after) {
      v1::WatchEventsRequest request;
      request.set_parent(absl::StrCat("communities/", community));
      if (after.has_value()) request.set_after(*after);
      call_ = server.Watch(person, request);
    }
    ~Stream() {
      call_->Cancel();
      if (pulled_ != nullptr) pulled_->WaitForNotification();
    }

    // Asks for the next message, and does not wait for it.
    void Pull() {
      pulled_ = std::make_unique<absl::Notification>();
      call_->Pull([this](rpc::StreamCall::Piece piece) {
        piece_ = std::move(piece);
        pulled_->Notify();
      });
    }
    bool IsAnswered() const { return pulled_->HasBeenNotified(); }

    Event Next() {
      if (pulled_ == nullptr) Pull();
      pulled_->WaitForNotification();
      pulled_ = nullptr;
      EXPECT_FALSE(piece_.end) << piece_.status;
      Event event;
      EXPECT_TRUE(event.ParseFromString(piece_.message));
      return event;
    }
    // "thread.created 1" of the next `count`.
    std::vector<std::string> Next(int count) {
      std::vector<std::string> lines;
      for (int i = 0; i < count; ++i) {
        const Event event = Next();
        lines.push_back(absl::StrCat(event.type(), " ", event.number()));
      }
      return lines;
    }
    absl::Status End() {
      if (pulled_ == nullptr) Pull();
      pulled_->WaitForNotification();
      pulled_ = nullptr;
      EXPECT_TRUE(piece_.end);
      return piece_.status;
    }

   private:
    std::unique_ptr<rpc::StreamCall> call_;
    std::unique_ptr<absl::Notification> pulled_;
    rpc::StreamCall::Piece piece_;
  };

  std::unique_ptr<Stream> Watch(absl::string_view person,
                                absl::string_view community,
                                std::optional<int64_t> after = std::nullopt) {
    return std::make_unique<Stream>(server_, person, community, after);
  }

  v1::Thread Ask(absl::string_view community) {
    return server_.CreateThread("ada", testing::ThreadIn(community, "A title"));
  }
  void AwaitNumber(int64_t number) {
    EXPECT_TRUE(praxis::testing::Eventually(
        [&] { return server_.server().log().latest() == number; }));
  }

  testing::Discussions server_;
};

TEST_F(WatchesTest, TellsWhatHappensFromNowOn) {
  Ask("lean");
  AwaitNumber(1);
  const auto watch = Watch("", "lean");
  const Event begin = watch->Next();
  EXPECT_EQ(begin.ShortDebugString(), "number: 1");
  watch->Pull();
  Ask("shy");
  const v1::Thread thread = Ask("lean");
  const Event event = watch->Next();
  EXPECT_EQ(event.number(), 3);
  EXPECT_EQ(event.type(), "thread.created");
  EXPECT_EQ(event.name(), thread.name());
  EXPECT_EQ(event.actor(), "members/ada");
  EXPECT_EQ(event.source(), "services/discussions");
  EXPECT_TRUE(event.has_time());
  // What was written is asked for by its name.
  EXPECT_FALSE(event.has_data());
  EXPECT_FALSE(event.has_access());
}

TEST_F(WatchesTest, GoesOnBehindANumber) {
  const v1::Thread thread = Ask("lean");
  server_.CreatePost("ada", testing::PostIn(thread.name(), "One"));
  Ask("shy");
  server_.CreatePost("ada", testing::PostIn(thread.name(), "Two"));
  AwaitNumber(4);
  EXPECT_THAT(Watch("", "lean", 0)->Next(4),
              ElementsAre(" 0", "thread.created 1", "post.created 2",
                          "post.created 4"));
  EXPECT_THAT(Watch("", "lean", 1)->Next(3),
              ElementsAre(" 1", "post.created 2", "post.created 4"));
  const auto end = Watch("", "lean", 4);
  EXPECT_THAT(end->Next(1), ElementsAre(" 4"));
  end->Pull();
  Ask("lean");
  EXPECT_THAT(end->Next(1), ElementsAre("thread.created 5"));
  EXPECT_THAT(Watch("", "lean", 9)->End(), FailsWith(Reason::FIELD_INVALID));
}

TEST_F(WatchesTest, TellsEachEventOnceWhileManyAreWritten) {
  std::vector<std::unique_ptr<Stream>> watches;
  for (int i = 0; i < 10; ++i) {
    watches.push_back(Watch("", "lean", 0));
    watches.back()->Pull();
  }
  std::vector<std::string> expected = {" 0"};
  for (int i = 1; i <= 100; ++i) {
    Ask("lean");
    expected.push_back(absl::StrCat("thread.created ", i));
  }
  for (const auto& watch : watches) EXPECT_EQ(watch->Next(101), expected);
}

TEST_F(WatchesTest, AnswersForAHiddenCommunityAsForNone) {
  const absl::Status hidden = Watch("", "shy")->End();
  const absl::Status none = Watch("", "none")->End();
  EXPECT_THAT(hidden, FailsWith(Reason::RESOURCE_NOT_FOUND));
  EXPECT_EQ(hidden.message(), none.message());
  EXPECT_THAT(Watch("ada", "shy")->Next(1).size(), 1);
  EXPECT_THAT(Watch("ada", "-")->End(), FailsWith(Reason::FIELD_INVALID));
}

TEST_F(WatchesTest, TellsNothingMoreToWhoMayNotReadAnyMore) {
  const auto ada = Watch("ada", "shy");
  const auto bob = Watch("bob", "shy");
  ada->Next();
  bob->Next();
  ada->Pull();
  bob->Pull();
  server_.Leave("shy", "bob");
  Ask("shy");
  EXPECT_EQ(ada->Next().type(), "thread.created");
  EXPECT_THAT(bob->End(), FailsWith(Reason::RESOURCE_NOT_FOUND));
}

TEST_F(WatchesTest, LetsGoOfWhoMayNotReadAnyMoreThoughNothingHappens) {
  const auto bob = Watch("bob", "shy");
  bob->Next();
  bob->Pull();
  server_.Leave("shy", "bob");
  EXPECT_THAT(bob->End(), FailsWith(Reason::RESOURCE_NOT_FOUND));
}

TEST_F(WatchesTest, TellsNoHistoryOfBefore) {
  for (int i = 0; i < 5; ++i) Ask("shy");
  AwaitNumber(5);
  const auto bob = Watch("bob", "shy", 0);
  EXPECT_EQ(bob->Next(3).size(), 3u);
  server_.Leave("shy", "bob");
  EXPECT_THAT(bob->End(), FailsWith(Reason::RESOURCE_NOT_FOUND));
}

}  // namespace
}  // namespace praxis::discussions
