#include "services/members/store/communities.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/common/testing/matchers.h"
#include "services/members/store/memberships.h"
#include "services/members/testing/store_database.h"

namespace praxis::members::store {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CommunityStoreTest : public StoreTest {
 protected:
  absl::Status Insert(const Community& community) {
    return Write([&](sql::Tx& tx) { return InsertCommunity(tx, community); });
  }
  void Add(const std::string& id, Visibility visibility) {
    ASSERT_THAT(Insert({.id = id,
                        .visibility = visibility,
                        .create_time = now_,
                        .update_time = now_}),
                Succeeds());
  }
  void Join(const std::string& community, const std::string& member) {
    ASSERT_THAT(Write([&](sql::Tx& tx) {
                  return InsertMembership(tx, {.community = community,
                                               .member = member,
                                               .create_time = now_,
                                               .update_time = now_});
                }),
                Succeeds());
  }
  absl::StatusOr<Community> Get(absl::string_view id) {
    return Read([&](sql::Reader& reader) { return GetCommunity(reader, id); });
  }
  std::vector<std::string> List(absl::string_view member,
                                absl::string_view after, int limit) {
    const absl::StatusOr<std::vector<Community>> list =
        Read([&](sql::Reader& reader) {
          return ListCommunities(reader, member, after, limit);
        });
    std::vector<std::string> ids;
    for (const Community& community : *list) {
      ids.push_back(community.id);
    }
    return ids;
  }
};

TEST_F(CommunityStoreTest, GivesBackWhatWasInserted) {
  ASSERT_THAT(Insert({.id = "lean",
                      .display_name = "Lean",
                      .domain = "Flow\nand waste",
                      .topics = {"kanban", "value streams"},
                      .visibility = Visibility::kHidden,
                      .join_policy = JoinPolicy::kInvite,
                      .create_time = now_,
                      .update_time = now_ + absl::Seconds(1),
                      .version = 2}),
              Succeeds());
  const absl::StatusOr<Community> lean = Get("lean");
  ASSERT_THAT(lean, Succeeds());
  EXPECT_EQ(lean->id, "lean");
  EXPECT_EQ(lean->display_name, "Lean");
  EXPECT_EQ(lean->domain, "Flow\nand waste");
  EXPECT_THAT(lean->topics, ElementsAre("kanban", "value streams"));
  EXPECT_EQ(lean->visibility, Visibility::kHidden);
  EXPECT_EQ(lean->join_policy, JoinPolicy::kInvite);
  EXPECT_EQ(lean->create_time, now_);
  EXPECT_EQ(lean->update_time, now_ + absl::Seconds(1));
  EXPECT_EQ(lean->version, 2);
  EXPECT_THAT(Get("agile"), FailsWith(Reason::RESOURCE_NOT_FOUND));
}

TEST_F(CommunityStoreTest, GivesAnIdOutOnce) {
  Add("lean", Visibility::kHidden);
  EXPECT_THAT(Insert({.id = "lean", .display_name = "Other"}),
              FailsWith(Reason::NAME_TAKEN));
  EXPECT_EQ(Get("lean")->display_name, "");
}

TEST_F(CommunityStoreTest, OverwritesOneCommunity) {
  Add("agile", Visibility::kPublic);
  Add("lean", Visibility::kPublic);
  ASSERT_THAT(Write([&](sql::Tx& tx) {
                return UpdateCommunity(tx,
                                       {.id = "lean",
                                        .display_name = "Lean",
                                        .domain = "Flow",
                                        .topics = {"kanban"},
                                        .visibility = Visibility::kPrivate,
                                        .join_policy = JoinPolicy::kOpen,
                                        .update_time = now_ + absl::Hours(1),
                                        .version = 2});
              }),
              Succeeds());
  const absl::StatusOr<Community> lean = Get("lean");
  EXPECT_EQ(lean->display_name, "Lean");
  EXPECT_EQ(lean->domain, "Flow");
  EXPECT_THAT(lean->topics, ElementsAre("kanban"));
  EXPECT_EQ(lean->visibility, Visibility::kPrivate);
  EXPECT_EQ(lean->join_policy, JoinPolicy::kOpen);
  EXPECT_EQ(lean->create_time, now_);
  EXPECT_EQ(lean->update_time, now_ + absl::Hours(1));
  EXPECT_EQ(lean->version, 2);
  EXPECT_EQ(Get("agile")->version, 1);
}

TEST_F(CommunityStoreTest, ListsWhatThePersonMaySeeById) {
  Add("d-hidden", Visibility::kHidden);
  Add("c-private", Visibility::kPrivate);
  Add("b-hidden", Visibility::kHidden);
  Add("a-public", Visibility::kPublic);
  Join("b-hidden", "ada");
  Join("a-public", "ada");
  EXPECT_THAT(List("", "", 10), ElementsAre("a-public", "c-private"));
  EXPECT_THAT(List("bob", "", 10), ElementsAre("a-public", "c-private"));
  EXPECT_THAT(List("ada", "", 10),
              ElementsAre("a-public", "b-hidden", "c-private"));
}

TEST_F(CommunityStoreTest, ListsOnFromAnId) {
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    Add(id,
        *id == 'b' || *id == 'd' ? Visibility::kHidden : Visibility::kPublic);
  }
  Join("b", "ada");
  Join("d", "ada");
  EXPECT_THAT(List("ada", "", 2), ElementsAre("a", "b"));
  EXPECT_THAT(List("ada", "b", 2), ElementsAre("c", "d"));
  EXPECT_THAT(List("ada", "d", 2), ElementsAre("e"));
  EXPECT_THAT(List("ada", "e", 2), IsEmpty());
  EXPECT_THAT(List("", "a", 2), ElementsAre("c", "e"));
}

}  // namespace
}  // namespace praxis::members::store
