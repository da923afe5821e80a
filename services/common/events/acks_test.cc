#include "services/common/events/acks.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/testing/database.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::events {
namespace {

using testing::Eventually;
using ::testing::SizeIs;
using testing::Succeeds;

class AcksTest : public ::testing::Test {
 protected:
  AcksTest() : db_(*testing::OpenTestDatabase()) {
    EXPECT_THAT(sql::Migrate(*db_, {LogSchema()}), Succeeds());
  }

  std::unique_ptr<sql::Database> db_;
};

TEST_F(AcksTest, WaitsForEachConsumer) {
  Acks acks(*db_, {});
  EXPECT_TRUE(*acks.Passed(3));
  ASSERT_THAT(acks.Put("a/1", 2), Succeeds());
  ASSERT_THAT(acks.Put("b/1", 3), Succeeds());
  EXPECT_FALSE(*acks.Passed(3));
  ASSERT_THAT(acks.Put("a/1", 3), Succeeds());
  EXPECT_TRUE(*acks.Passed(3));
  ASSERT_THAT(acks.Observe(), Succeeds());
  EXPECT_THAT(acks.Snapshot(), SizeIs(2));
}

TEST_F(AcksTest, WaitsNoLongerForOneThatHasLeft) {
  Acks acks(*db_, {});
  ASSERT_THAT(acks.Put("a/1", 2), Succeeds());
  ASSERT_THAT(acks.Put("b/1", 3), Succeeds());
  EXPECT_FALSE(*acks.Passed(3));
  ASSERT_THAT(acks.Remove("a/1"), Succeeds());
  EXPECT_TRUE(*acks.Passed(3));
  EXPECT_FALSE(*acks.Passed(4));
  EXPECT_THAT(acks.Remove("nobody"), Succeeds());
}

// A consumer that was restored from a backup has come less far again.
TEST_F(AcksTest, TakesEachConsumerAtItsLastWord) {
  Acks acks(*db_, {});
  ASSERT_THAT(acks.Put("a/1", 3), Succeeds());
  ASSERT_THAT(acks.Put("a/1", 1), Succeeds());
  EXPECT_FALSE(*acks.Passed(3));
}

TEST_F(AcksTest, WaitsNoLongerForOneWhoseLeaseIsOver) {
  Acks acks(*db_, {.lease = absl::Milliseconds(50)});
  ASSERT_THAT(acks.Put("a/1", 2), Succeeds());
  EXPECT_FALSE(*acks.Passed(3));
  EXPECT_TRUE(Eventually([&] { return *acks.Passed(3); }));
}

// A process that has just started may have granted leases in an earlier life.
TEST_F(AcksTest, WaitsAtFirstForThoseItCannotKnow) {
  Acks acks(*db_, {.grace = absl::Milliseconds(50)});
  if (testing::OnPostgres()) {
    EXPECT_TRUE(*acks.Passed(3));
  } else {
    EXPECT_FALSE(*acks.Passed(3));
    EXPECT_TRUE(Eventually([&] { return *acks.Passed(3); }));
  }
}

}  // namespace
}  // namespace praxis::events
