#include "services/common/redis/pool.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/redis/clock.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/common/testing/redis.h"

namespace praxis::redis {
namespace {

using testing::Succeeds;

class PoolTest : public ::testing::Test {
 protected:
  PoolTest()
      : connector_(Server{.addresses = {server_.address()}}),
        pool_(connector_, 1) {}

  // The server's id of a connection from the pool, which is given back.
  std::string TakeId() {
    absl::StatusOr<Pool::Lease> lease = pool_.Take(absl::Seconds(20));
    EXPECT_THAT(lease, Succeeds());
    Commands commands;
    commands.Add({"CLIENT", "ID"});
    const absl::StatusOr<std::vector<Reply>> replies =
        (*lease)->Run(commands, MonotonicNow() + absl::Seconds(20));
    EXPECT_THAT(replies, Succeeds());
    lease->Keep();
    return std::to_string((*replies)[0].integer);
  }

  testing::RedisServer server_;
  Connector connector_;
  Pool pool_;
};

TEST_F(PoolTest, GivesAKeptConnectionOutAgain) {
  EXPECT_EQ(TakeId(), TakeId());
}

TEST_F(PoolTest, GivesOutNoMoreThanItMay) {
  {
    const absl::StatusOr<Pool::Lease> lease = pool_.Take(absl::ZeroDuration());
    ASSERT_THAT(lease, Succeeds());
    EXPECT_TRUE(
        absl::IsResourceExhausted(pool_.Take(absl::Milliseconds(1)).status()));
  }
  // That one was closed; another may be opened.
  EXPECT_THAT(pool_.Take(absl::ZeroDuration()), Succeeds());
}

TEST_F(PoolTest, PassesOverAConnectionThatTheServerHasClosed) {
  const std::string id = TakeId();
  server_.Run({"CLIENT", "KILL", "ID", id});
  EXPECT_NE(TakeId(), id);
}

TEST_F(PoolTest, OpensAnewAfterItWasCleared) {
  const std::string id = TakeId();
  pool_.Clear();
  EXPECT_NE(TakeId(), id);
}

TEST_F(PoolTest, HasRoomAgainAfterConnectionsFailedToOpen) {
  server_.Stop();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(absl::IsUnavailable(pool_.Take(absl::ZeroDuration()).status()));
  }
  server_.Restart();
  EXPECT_THAT(pool_.Take(absl::ZeroDuration()), Succeeds());
}

}  // namespace
}  // namespace praxis::redis
