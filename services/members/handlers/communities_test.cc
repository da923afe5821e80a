#include "services/members/handlers/communities.h"

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "praxis/members/v1/memberships.pb.h"
#include "services/members/testing/world.h"

namespace praxis::members {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CommunitiesTest : public ::testing::Test {
 protected:
  CommunitiesTest() {
    world_.AddMember("ada");
    world_.AddMember("bob");
  }
  static v1::CreateCommunityRequest Lean() {
    v1::CreateCommunityRequest request;
    request.set_community_id("lean");
    request.mutable_community()->set_display_name("Lean");
    request.mutable_community()->add_topics("kanban");
    return request;
  }
  absl::StatusOr<v1::Community> Create(
      absl::string_view as, const v1::CreateCommunityRequest& request) {
    return world_.Call<v1::Community>(as, request);
  }
  absl::StatusOr<v1::Community> Get(absl::string_view as,
                                    const std::string& name) {
    v1::GetCommunityRequest request;
    request.set_name(name);
    return world_.Call<v1::Community>(as, request);
  }
  absl::StatusOr<v1::Community> Update(absl::string_view as,
                                       const v1::Community& patch,
                                       std::vector<std::string> mask = {}) {
    v1::UpdateCommunityRequest request;
    *request.mutable_community() = patch;
    request.mutable_update_mask()->mutable_paths()->Assign(mask.begin(),
                                                           mask.end());
    return world_.Call<v1::Community>(as, request);
  }
  absl::StatusOr<v1::ListCommunitiesResponse> List(
      absl::string_view as, int page_size = 0, const std::string& token = "") {
    v1::ListCommunitiesRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    return world_.Call<v1::ListCommunitiesResponse>(as, request);
  }
  std::vector<std::string> Names(absl::string_view as) {
    std::vector<std::string> names;
    const auto list = List(as);
    for (const v1::Community& community : list->communities()) {
      names.push_back(community.name());
    }
    return names;
  }
  static v1::Community Patch() {
    v1::Community patch;
    patch.set_name("communities/lean");
    return patch;
  }

  World world_;
};

TEST_F(CommunitiesTest, AreFoundedPrivateAndByRequestUnlessSaidOtherwise) {
  const auto lean = Create("members/ada", Lean());
  ASSERT_THAT(lean, Succeeds());
  EXPECT_EQ(lean->name(), "communities/lean");
  EXPECT_EQ(lean->display_name(), "Lean");
  EXPECT_THAT(lean->topics(), ElementsAre("kanban"));
  EXPECT_EQ(lean->visibility(), events::v1::PRIVATE);
  EXPECT_EQ(lean->join_policy(), v1::REQUEST);
  EXPECT_EQ(Get("members/bob", "communities/lean")->SerializeAsString(),
            lean->SerializeAsString());
}

TEST_F(CommunitiesTest, AreOwnedByTheirFounder) {
  v1::CreateCommunityRequest request = Lean();
  request.mutable_community()->set_visibility(events::v1::HIDDEN);
  ASSERT_THAT(Create("members/ada", request), Succeeds());
  EXPECT_THAT(world_.Rows("SELECT community_id, member_id, CAST(rank AS TEXT)"
                          " FROM memberships",
                          3),
              ElementsAre("lean|ada|0"));

  const auto announced = world_.Announced();
  ASSERT_EQ(announced.size(), 2u);
  EXPECT_EQ(announced[0].type(), "community.created");
  EXPECT_EQ(announced[0].name(), "communities/lean");
  EXPECT_EQ(announced[0].actor(), "members/ada");
  EXPECT_EQ(announced[0].access().scope(), "communities/lean");
  EXPECT_EQ(announced[0].access().visibility(), events::v1::HIDDEN);
  EXPECT_EQ(announced[1].type(), "membership.created");
  EXPECT_EQ(announced[1].name(), "communities/lean/memberships/ada");
  EXPECT_EQ(announced[1].access().scope(), "communities/lean");
  EXPECT_EQ(announced[1].access().grant().principal(), "members/ada");
  EXPECT_EQ(announced[1].access().grant().role(), events::v1::OWNER);
  v1::Community data;
  EXPECT_TRUE(announced[0].data().UnpackTo(&data));
  EXPECT_EQ(data.display_name(), "Lean");
}

TEST_F(CommunitiesTest, GiveAnIdOutOnce) {
  world_.AddCommunity("lean", Visibility::kHidden);
  EXPECT_THAT(Create("members/ada", Lean()), FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(world_.Events(), IsEmpty());
  EXPECT_THAT(world_.Rows("SELECT member_id FROM memberships", 1), IsEmpty());
}

TEST_F(CommunitiesTest, AreFoundedOnceHoweverOftenARequestIsSent) {
  v1::CreateCommunityRequest request = Lean();
  request.set_request_id("r1");
  ASSERT_THAT(Create("members/ada", request), Succeeds());
  EXPECT_THAT(Create("members/ada", request), Succeeds());
  EXPECT_THAT(Create("members/bob", request), FailsWith(Reason::NAME_TAKEN));
  EXPECT_EQ(world_.Events().size(), 2u);
}

TEST_F(CommunitiesTest, AreFoundedByPeopleWithAnAccount) {
  EXPECT_THAT(Create("", Lean()), FailsWith(Reason::TOKEN_MISSING));
  EXPECT_THAT(Create("services/discussions", Lean()),
              FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(Create("members/gone", Lean()), FailsWith(Reason::TOKEN_INVALID));
  EXPECT_THAT(world_.Rows("SELECT id FROM communities", 1), IsEmpty());
}

TEST_F(CommunitiesTest, RefuseWhatIsNotInShape) {
  const auto refused = [&](auto change) {
    v1::CreateCommunityRequest request = Lean();
    change(request);
    EXPECT_THAT(Create("members/ada", request),
                FailsWith(Reason::FIELD_INVALID))
        << request.DebugString();
  };
  for (const std::string& id :
       {std::string(""), std::string("-"), std::string("l"),
        std::string("Lean"), std::string("9lean"), std::string("le/an"),
        std::string(".."), std::string("lean\n"), std::string("l\0n", 3),
        std::string(64, 'l')}) {
    refused([&](auto& request) { request.set_community_id(id); });
  }
  refused([](auto& request) { request.clear_community(); });
  refused([](auto& request) {
    request.mutable_community()->set_visibility(
        static_cast<events::v1::Visibility>(9));
  });
  refused([](auto& request) {
    request.mutable_community()->set_join_policy(
        static_cast<v1::JoinPolicy>(9));
  });
  refused([](auto& request) {
    request.mutable_community()->set_display_name(std::string(101, 'x'));
  });
  refused([](auto& request) {
    request.mutable_community()->add_topics("two\nlines");
  });
  EXPECT_THAT(world_.Rows("SELECT id FROM communities", 1), IsEmpty());
}

TEST_F(CommunitiesTest, CannotBeToldFromAbsentOnesWhileHidden) {
  world_.AddCommunity("lean", Visibility::kHidden);
  world_.AddMembership("lean", "ada", Role::kObserver);
  EXPECT_THAT(Get("members/ada", "communities/lean"), Succeeds());
  for (const char* as : {"", "members/bob", "services/discussions"}) {
    EXPECT_EQ(
        ToRpcStatus(Get(as, "communities/lean").status()).SerializeAsString(),
        ToRpcStatus(Get(as, "communities/none").status()).SerializeAsString());
    EXPECT_THAT(Get(as, "communities/lean"),
                FailsWith(Reason::RESOURCE_NOT_FOUND));
  }
}

TEST_F(CommunitiesTest, AreListedToThoseWhoMaySeeThem) {
  world_.AddCommunity("a-hidden", Visibility::kHidden);
  world_.AddCommunity("b-hidden", Visibility::kHidden);
  world_.AddCommunity("c-private", Visibility::kPrivate);
  world_.AddCommunity("d-public", Visibility::kPublic);
  world_.AddMembership("b-hidden", "ada", Role::kObserver);
  EXPECT_THAT(Names("members/ada"),
              ElementsAre("communities/b-hidden", "communities/c-private",
                          "communities/d-public"));
  for (const char* as : {"", "members/bob", "services/discussions"}) {
    EXPECT_THAT(Names(as),
                ElementsAre("communities/c-private", "communities/d-public"));
  }
}

TEST_F(CommunitiesTest, AreListedInPages) {
  std::vector<std::string> all;
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    world_.AddCommunity(id,
                        *id == 'c' ? Visibility::kHidden : Visibility::kPublic);
    all.push_back(std::string("communities/") + id);
  }
  world_.AddMembership("c", "ada", Role::kMember);
  std::vector<std::string> walked;
  std::string token;
  int pages = 0;
  do {
    const auto page = List("members/ada", 2, token);
    ASSERT_THAT(page, Succeeds());
    for (const v1::Community& community : page->communities()) {
      walked.push_back(community.name());
    }
    token = page->next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(walked, all);
  EXPECT_EQ(pages, 3);
}

TEST_F(CommunitiesTest, EndTheirPagesWhereTheListEnds) {
  world_.AddCommunity("a");
  world_.AddCommunity("b");
  EXPECT_EQ(List("", 2)->next_page_token(), "");
  EXPECT_EQ(List("", 2)->communities_size(), 2);
}

TEST_F(CommunitiesTest, TakeAPageTokenFromWhoItWasGivenToOnly) {
  world_.AddCommunity("a");
  world_.AddCommunity("b");
  const std::string token = List("members/ada", 1)->next_page_token();
  EXPECT_THAT(List("members/ada", 1, token), Succeeds());
  EXPECT_THAT(List("members/bob", 1, token),
              FailsWith(Reason::PAGE_TOKEN_INVALID));
  EXPECT_THAT(List("", 1, token), FailsWith(Reason::PAGE_TOKEN_INVALID));
  EXPECT_THAT(List("members/ada", 1, "b"),
              FailsWith(Reason::PAGE_TOKEN_INVALID));
}

TEST_F(CommunitiesTest, ShowNoMoreAfterLeavingThanAnyoneSees) {
  world_.AddCommunity("a");
  world_.AddCommunity("b-hidden", Visibility::kHidden);
  world_.AddMembership("b-hidden", "ada", Role::kMember);
  const std::string token = List("members/ada", 1)->next_page_token();
  v1::DeleteMembershipRequest leave;
  leave.set_name("communities/b-hidden/memberships/me");
  ASSERT_THAT(world_.Call<v1::DeleteMembershipResponse>("members/ada", leave),
              Succeeds());
  EXPECT_EQ(List("members/ada", 1, token)->communities_size(), 0);
}

TEST_F(CommunitiesTest, AreChangedByTheirOwners) {
  world_.AddCommunity("lean");
  world_.AddMembership("lean", "ada", Role::kOwner);
  v1::Community patch = Patch();
  patch.set_display_name("Lean!");
  patch.add_topics("waste");
  const auto updated = Update("members/ada", patch);
  ASSERT_THAT(updated, Succeeds());
  EXPECT_EQ(updated->display_name(), "Lean!");
  EXPECT_THAT(updated->topics(), ElementsAre("waste"));
  EXPECT_EQ(updated->visibility(), events::v1::PUBLIC);
  EXPECT_EQ(Get("", "communities/lean")->SerializeAsString(),
            updated->SerializeAsString());
  const auto announced = world_.Announced();
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(announced[0].type(), "community.updated");
  EXPECT_FALSE(announced[0].has_access());
}

TEST_F(CommunitiesTest, AnnounceAChangeOfVisibilityAsOneOfAccess) {
  world_.AddCommunity("lean");
  world_.AddMembership("lean", "ada", Role::kOwner);
  v1::Community patch = Patch();
  patch.set_visibility(events::v1::HIDDEN);
  ASSERT_THAT(Update("members/ada", patch), Succeeds());
  const auto announced = world_.Announced();
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(announced[0].access().scope(), "communities/lean");
  EXPECT_EQ(announced[0].access().visibility(), events::v1::HIDDEN);
  EXPECT_THAT(Get("members/bob", "communities/lean"),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
}

// Whoever holds a lease may still show it, and a second call that changes no
// visibility does not say otherwise.
TEST_F(CommunitiesTest, AreNotSaidToBeHiddenBeforeThatIsKnownEverywhere) {
  world_.AddCommunity("lean");
  events::Log& log = world_.server().log();
  ASSERT_THAT(log.Ack("discussions/access/1", 0), Succeeds());
  Communities handlers(world_.server().database(), log);
  rpc::Call call;
  call.time = world_.now();
  call.caller.name = "members/ada";
  v1::UpdateCommunityRequest request;
  *request.mutable_community() = Patch();
  request.mutable_community()->set_visibility(events::v1::HIDDEN);
  for (int i = 0; i < 2; ++i) {
    call.deadline = absl::Now() + absl::Milliseconds(200);
    EXPECT_THAT(handlers.UpdateCommunity(call, request),
                FailsWith(Reason::NOT_YET_EVERYWHERE));
  }

  ASSERT_THAT(log.Leave("discussions/access/1"), Succeeds());
  call.deadline = absl::Now() + absl::Seconds(20);
  EXPECT_THAT(handlers.UpdateCommunity(call, request), Succeeds());
}

TEST_F(CommunitiesTest, RefuseStaleEtagsAndWrongMasks) {
  world_.AddCommunity("lean");
  world_.AddMembership("lean", "ada", Role::kOwner);
  v1::Community patch = Patch();
  patch.set_display_name("one");
  patch.set_etag(Get("", "communities/lean")->etag());
  ASSERT_THAT(Update("members/ada", patch), Succeeds());
  patch.set_display_name("two");
  EXPECT_THAT(Update("members/ada", patch), FailsWith(Reason::ETAG_MISMATCH));
  patch.clear_etag();
  for (const char* path : {"name", "etag", "create_time", "owner"}) {
    EXPECT_THAT(Update("members/ada", patch, {path}),
                FailsWith(Reason::MASK_INVALID))
        << path;
  }
  patch.set_visibility(static_cast<events::v1::Visibility>(9));
  EXPECT_THAT(Update("members/ada", patch), FailsWith(Reason::FIELD_INVALID));
  EXPECT_EQ(Get("", "communities/lean")->display_name(), "one");
}

}  // namespace
}  // namespace praxis::members
