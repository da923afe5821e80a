#include "services/members/store/access.h"

#include "gmock/gmock.h"
#include "services/common/testing/matchers.h"
#include "services/members/store/communities.h"
#include "services/members/store/memberships.h"
#include "services/members/testing/store_database.h"

namespace praxis::members::store {
namespace {

using ::praxis::testing::Succeeds;

// "lean" is hidden; Ada owns it, Oda observes.
class StoredAccessTest : public StoreTest {
 protected:
  StoredAccessTest() : access_(*db_) {
    const absl::Status status = Write([&](sql::Tx& tx) -> absl::Status {
      RETURN_IF_ERROR(InsertCommunity(
          tx, {.id = "lean", .visibility = Visibility::kHidden}));
      RETURN_IF_ERROR(InsertMembership(
          tx, {.community = "lean", .member = "ada", .role = Role::kOwner}));
      return InsertMembership(
          tx, {.community = "lean", .member = "oda", .role = Role::kObserver});
    });
    EXPECT_THAT(status, Succeeds());
  }
  access::Standing Of(absl::string_view principal, absl::string_view scope) {
    return *access_.StandingOf(principal, scope);
  }

  StoredAccess access_;
};

TEST_F(StoredAccessTest, AnswersVisibilityAndRole) {
  EXPECT_EQ(Of("members/ada", "communities/lean").visibility,
            events::v1::HIDDEN);
  EXPECT_EQ(Of("members/ada", "communities/lean").role, events::v1::OWNER);
  EXPECT_EQ(Of("members/oda", "communities/lean").role, events::v1::OBSERVER);
}

TEST_F(StoredAccessTest, GivesNoRoleToOthers) {
  for (const char* principal :
       {"members/eve", "services/ada", "services/discussions", "ada", ""}) {
    EXPECT_EQ(Of(principal, "communities/lean").role,
              events::v1::ROLE_UNSPECIFIED)
        << principal;
    EXPECT_EQ(Of(principal, "communities/lean").visibility, events::v1::HIDDEN);
  }
}

TEST_F(StoredAccessTest, KnowsNoOtherScope) {
  for (const char* scope : {"communities/agile", "members/ada", "lean", ""}) {
    EXPECT_EQ(Of("members/ada", scope).visibility,
              events::v1::VISIBILITY_UNSPECIFIED)
        << scope;
    EXPECT_EQ(Of("members/ada", scope).role, events::v1::ROLE_UNSPECIFIED);
  }
}

TEST_F(StoredAccessTest, AnswersWhatWasJustCommitted) {
  ASSERT_THAT(Write([](sql::Tx& tx) {
                return DeleteMembership(tx,
                                        {.community = "lean", .member = "ada"});
              }),
              Succeeds());
  EXPECT_EQ(Of("members/ada", "communities/lean").role,
            events::v1::ROLE_UNSPECIFIED);
  EXPECT_THAT(access_.CatchUp(), Succeeds());
}

}  // namespace
}  // namespace praxis::members::store
