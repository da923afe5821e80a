#include "services/members/store/sessions.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/common/testing/matchers.h"
#include "services/members/testing/store_database.h"

namespace praxis::members::store {
namespace {

using ::praxis::testing::Succeeds;

class SessionStoreTest : public StoreTest {
 protected:
  absl::Status Insert(const Session& session) {
    return Write([&](sql::Tx& tx) { return InsertSession(tx, session); });
  }
  std::optional<Session> Find(absl::string_view member, absl::string_view id) {
    return *Read(
        [&](sql::Reader& reader) { return FindSession(reader, member, id); });
  }
  Attempts Tried(absl::string_view handle) {
    return *Read(
        [&](sql::Reader& reader) { return GetAttempts(reader, handle); });
  }
  absl::Status Put(absl::string_view handle, const Attempts& attempts) {
    return Write(
        [&](sql::Tx& tx) { return PutAttempts(tx, handle, attempts); });
  }
};

TEST_F(SessionStoreTest, KeepsASessionUntilItIsDeleted) {
  Session session = Begin("ada", "s1", "hash", now_);
  ASSERT_THAT(Insert(session), Succeeds());
  std::optional<Session> found = Find("ada", "s1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->member, "ada");
  EXPECT_EQ(found->id, "s1");
  EXPECT_EQ(found->refresh_hash, "hash");
  EXPECT_EQ(found->previous_hash, "");
  EXPECT_EQ(found->rotate_time, now_);
  EXPECT_EQ(found->create_time, now_);
  EXPECT_EQ(found->expire_time, now_ + kSessionLifetime);
  EXPECT_FALSE(Find("bob", "s1").has_value());

  session = Refreshed(session, RefreshVerdict::kRotate, "next",
                      now_ + absl::Hours(1));
  ASSERT_THAT(Write([&](sql::Tx& tx) { return UpdateSession(tx, session); }),
              Succeeds());
  found = Find("ada", "s1");
  EXPECT_EQ(found->refresh_hash, "next");
  EXPECT_EQ(found->previous_hash, "hash");
  EXPECT_EQ(found->rotate_time, now_ + absl::Hours(1));
  EXPECT_EQ(found->expire_time, now_ + kSessionLifetime);

  ASSERT_THAT(Write([&](sql::Tx& tx) { return DeleteSession(tx, session); }),
              Succeeds());
  EXPECT_FALSE(Find("ada", "s1").has_value());
}

TEST_F(SessionStoreTest, DropsThoseThatAreOverWhenThePersonSignsInAgain) {
  ASSERT_THAT(Insert(Begin("ada", "s1", "h", now_)), Succeeds());
  ASSERT_THAT(Insert(Begin("bob", "s1", "h", now_)), Succeeds());
  const absl::Time later = now_ + absl::Hours(1);
  ASSERT_THAT(Insert(Begin("ada", "s2", "h", later)), Succeeds());
  EXPECT_TRUE(Find("ada", "s1").has_value());
  ASSERT_THAT(Insert(Begin("ada", "s3", "h", now_ + kSessionLifetime)),
              Succeeds());
  EXPECT_FALSE(Find("ada", "s1").has_value());
  EXPECT_TRUE(Find("ada", "s2").has_value());
  EXPECT_TRUE(Find("bob", "s1").has_value());
}

TEST_F(SessionStoreTest, EndsTheOldestWhenAPersonHasTooMany) {
  const auto id = [](int i) { return absl::StrCat("s", 1000 + i); };
  for (int i = 0; i < kSessionsMax; ++i) {
    ASSERT_THAT(Insert(Begin("ada", id(i), "h", now_)), Succeeds());
  }
  EXPECT_TRUE(Find("ada", id(0)).has_value());
  ASSERT_THAT(Insert(Begin("ada", id(kSessionsMax), "h", now_)), Succeeds());
  EXPECT_FALSE(Find("ada", id(0)).has_value());
  EXPECT_TRUE(Find("ada", id(1)).has_value());
  EXPECT_TRUE(Find("ada", id(kSessionsMax)).has_value());
}

TEST_F(SessionStoreTest, CountsAttemptsPerHandle) {
  EXPECT_EQ(Tried("ada").failures, 0);
  ASSERT_THAT(Put("ada", {.failures = 1, .last_failure = now_}), Succeeds());
  ASSERT_THAT(
      Put("ada", {.failures = 2, .last_failure = now_ + absl::Seconds(1)}),
      Succeeds());
  EXPECT_EQ(Tried("ada").failures, 2);
  EXPECT_EQ(Tried("ada").last_failure, now_ + absl::Seconds(1));
  EXPECT_EQ(Tried("bob").failures, 0);
  ASSERT_THAT(Write([&](sql::Tx& tx) { return DeleteAttempts(tx, "ada"); }),
              Succeeds());
  EXPECT_EQ(Tried("ada").failures, 0);
}

TEST_F(SessionStoreTest, DropsForgottenAttemptsAsNewOnesAreMade) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(
        Put(absl::StrCat("guess", i), {.failures = 1, .last_failure = now_}),
        Succeeds());
  }
  const absl::Time later = now_ + kAttemptsKept;
  ASSERT_THAT(Put("a", {.failures = 1, .last_failure = later}), Succeeds());
  ASSERT_THAT(Put("b", {.failures = 1, .last_failure = later}), Succeeds());
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Tried(absl::StrCat("guess", i)).failures, 0);
  }
  EXPECT_EQ(Tried("a").failures, 1);
  EXPECT_EQ(Tried("b").failures, 1);
}

}  // namespace
}  // namespace praxis::members::store
