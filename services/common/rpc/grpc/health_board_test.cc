#include "services/common/rpc/grpc/health_board.h"

#include <atomic>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"

namespace praxis::rpc {
namespace {

using Response = grpc::health::v1::HealthCheckResponse;
using ::testing::ElementsAre;
using testing::Eventually;

class HealthBoardTest : public ::testing::Test {
 protected:
  absl::Status Check() {
    ++checks_;
    if (well_) return absl::OkStatus();
    return Error(errors::v1::STORAGE_UNAVAILABLE, "The disk is full.");
  }

  // What a watcher was told.
  std::vector<HealthBoard::Status> Told() {
    absl::MutexLock lock(&mutex_);
    return told_;
  }
  int64_t Watch(const std::string& service) {
    return board_.Watch(service, [this](HealthBoard::Status status) {
      absl::MutexLock lock(&mutex_);
      told_.push_back(status);
    });
  }

  std::atomic<bool> well_ = true;
  std::atomic<int> checks_ = 0;
  absl::Mutex mutex_;
  std::vector<HealthBoard::Status> told_ ABSL_GUARDED_BY(mutex_);
  HealthBoard board_{
      {{{"one", "two"}, [this] { return Check(); }}, {{"three"}, nullptr}},
      absl::Milliseconds(1)};
};

TEST_F(HealthBoardTest, KnowsFromTheStart) {
  EXPECT_EQ(board_.Of(""), Response::SERVING);
  EXPECT_EQ(board_.Of("one"), Response::SERVING);
  EXPECT_EQ(board_.Of("three"), Response::SERVING);
  EXPECT_EQ(board_.Of("four"), Response::SERVICE_UNKNOWN);
}

TEST_F(HealthBoardTest, FollowsTheCheckOfEachGroup) {
  well_ = false;
  ASSERT_TRUE(
      Eventually([&] { return board_.Of("one") == Response::NOT_SERVING; }));
  EXPECT_EQ(board_.Of("two"), Response::NOT_SERVING);
  EXPECT_EQ(board_.Of("three"), Response::SERVING);
  EXPECT_EQ(board_.Of(""), Response::NOT_SERVING);
  well_ = true;
  EXPECT_TRUE(Eventually([&] { return board_.Of("") == Response::SERVING; }));
}

TEST_F(HealthBoardTest, TellsWatchersOnlyWhatIsNew) {
  Watch("one");
  const int before = checks_;
  ASSERT_TRUE(Eventually([&] { return checks_ >= before + 5; }));
  EXPECT_THAT(Told(), ElementsAre(Response::SERVING));
  well_ = false;
  ASSERT_TRUE(Eventually([&] { return Told().size() == 2; }));
  well_ = true;
  ASSERT_TRUE(Eventually([&] { return Told().size() == 3; }));
  EXPECT_THAT(Told(), ElementsAre(Response::SERVING, Response::NOT_SERVING,
                                  Response::SERVING));
}

TEST_F(HealthBoardTest, TellsNobodyWhoHasLeft) {
  board_.Unwatch(Watch("one"));
  board_.StopServing();
  EXPECT_THAT(Told(), ElementsAre(Response::SERVING));
}

TEST_F(HealthBoardTest, StopsServingForGood) {
  Watch("three");
  Watch("four");
  board_.StopServing();
  EXPECT_THAT(Told(), ElementsAre(Response::SERVING, Response::SERVICE_UNKNOWN,
                                  Response::NOT_SERVING));
  EXPECT_EQ(board_.Of("three"), Response::NOT_SERVING);
  EXPECT_EQ(board_.Of("four"), Response::SERVICE_UNKNOWN);
  // Also when the next checks find all well.
  const int before = checks_;
  ASSERT_TRUE(Eventually([&] { return checks_ >= before + 2; }));
  EXPECT_EQ(board_.Of(""), Response::NOT_SERVING);
}

}  // namespace
}  // namespace praxis::rpc
