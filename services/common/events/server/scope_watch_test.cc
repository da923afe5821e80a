#include "services/common/events/server/scope_watch.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::events {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using testing::FailsWith;
using testing::Succeeds;

// A tail that holds five events: whoever is behind them reads the table.
class ScopeWatchTest : public ::testing::Test {
 protected:
  ScopeWatchTest() : db_(*sql::OpenSqlite({})) {
    EXPECT_THAT(sql::Migrate(*db_, {LogSchema()}), Succeeds());
    log_ = std::make_unique<Log>(*db_, "services/things");
    tail_ = std::make_unique<Tail>(
        *db_, *log_,
        Tail::Options{.events_max = 5, .call_every = absl::Hours(1)});
  }

  // As many events in a community.
  void Write(const std::string& community, int count) {
    written_ += count;
    EXPECT_THAT(db_->Write([&](sql::Tx& tx) {
      absl::Status status;
      for (int i = 0; i < count; ++i) {
        v1::Event event;
        event.set_type(community);
        event.set_name(absl::StrCat("communities/", community, "/things/t"));
        status.Update(Emit(tx, event));
      }
      return status;
    }),
                Succeeds());
    EXPECT_TRUE(Eventually([&] { return log_->latest() == written_; }));
  }

  std::unique_ptr<rpc::ServerStream<v1::Event>> Open(
      std::optional<int64_t> after) {
    auto watch = ScopeWatch::Open(*tail_, "communities/lean", after);
    EXPECT_THAT(watch, Succeeds());
    return *std::move(watch);
  }

  // "lean 1", or " 1" where there is a number only, of the next `count`.
  static std::vector<std::string> Next(rpc::ServerStream<v1::Event>& watch,
                                       int count) {
    std::vector<std::string> lines;
    while (static_cast<int>(lines.size()) < count) {
      v1::Event event;
      const auto pulled = watch.Next(&event);
      EXPECT_THAT(pulled, Succeeds());
      if (!pulled.ok()) break;
      if (*pulled == rpc::Pulled::kMessage) {
        lines.push_back(absl::StrCat(event.type(), " ", event.number()));
        continue;
      }
      absl::Notification ready;
      watch.WhenReady([&] { ready.Notify(); });
      ready.WaitForNotification();
    }
    return lines;
  }

  std::unique_ptr<sql::Database> db_;
  std::unique_ptr<Log> log_;
  int64_t written_ = 0;
  std::unique_ptr<Tail> tail_;
};

TEST_F(ScopeWatchTest, GoesFromTheTableOverToTheTail) {
  Write("lean", 20);
  const auto watch = Open(0);
  std::vector<std::string> expected = {" 0"};
  for (int i = 1; i <= 20; ++i) expected.push_back(absl::StrCat("lean ", i));
  EXPECT_EQ(Next(*watch, 21), expected);
  Write("other", 2);
  Write("lean", 2);
  EXPECT_THAT(Next(*watch, 2), ElementsAre("lean 23", "lean 24"));
}

TEST_F(ScopeWatchTest, TellsHowFarItIsWhereOthersHaveWrittenALot) {
  Write("lean", 1);
  Write("other", 2500);
  const auto watch = Open(0);
  EXPECT_THAT(Next(*watch, 3), ElementsAre(" 0", "lean 1", " 2000"));
  Write("lean", 1);
  EXPECT_THAT(Next(*watch, 1), ElementsAre("lean 2502"));
}

TEST_F(ScopeWatchTest, MissesNothingThatWasSkippedWhileNobodyWaited) {
  const auto watch = Open(std::nullopt);
  EXPECT_THAT(Next(*watch, 1), ElementsAre(" 0"));
  Write("lean", 8);
  const auto lines = Next(*watch, 8);
  EXPECT_EQ(lines.front(), "lean 1");
  EXPECT_EQ(lines.back(), "lean 8");
}

TEST_F(ScopeWatchTest, IsQuickUnlessTheTableIsRead) {
  const auto now = Open(std::nullopt);
  EXPECT_TRUE(now->IsQuick());
  EXPECT_TRUE(now->IsLive());
  Next(*now, 1);
  EXPECT_TRUE(now->IsQuick());
  Write("lean", 20);
  // Sends the tail on to the end.
  EXPECT_EQ(Next(*now, 20).size(), 20u);
  const auto late = Open(3);
  EXPECT_THAT(Next(*late, 1), ElementsAre(" 3"));
  EXPECT_FALSE(late->IsQuick());
  EXPECT_THAT(Next(*late, 1), ElementsAre("lean 4"));
  EXPECT_TRUE(late->IsQuick());
}

TEST_F(ScopeWatchTest, DoesNotBeginBehindTheEnd) {
  Write("lean", 3);
  EXPECT_THAT(ScopeWatch::Open(*tail_, "communities/lean", 4),
              FailsWith(Reason::FIELD_INVALID));
}

}  // namespace
}  // namespace praxis::events
