#include "services/members/handlers/memberships.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/common/testing/eventually.h"
#include "services/members/testing/together.h"
#include "services/members/testing/world.h"

namespace praxis::members {
namespace {

using ::praxis::testing::Eventually;
using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Ada owns "lean", Mod moderates it, Bob is a plain member and Oda observes.
// Eve is none of them.
class MembershipsTest : public ::testing::Test {
 protected:
  MembershipsTest() {
    for (const char* person : {"ada", "mod", "bob", "oda", "eve"}) {
      world_.AddMember(person);
    }
    world_.AddCommunity("lean");
    world_.AddMembership("lean", "ada", Role::kOwner);
    world_.AddMembership("lean", "mod", Role::kModerator);
    world_.AddMembership("lean", "bob", Role::kMember);
    world_.AddMembership("lean", "oda", Role::kObserver);
  }
  static std::string NameOf(absl::string_view member) {
    return absl::StrCat("communities/lean/memberships/", member);
  }
  absl::StatusOr<v1::Membership> Join(
      absl::string_view as, const std::string& community = "communities/lean",
      const std::string& request_id = "") {
    v1::CreateMembershipRequest request;
    request.set_parent(community);
    request.set_request_id(request_id);
    return world_.Call<v1::Membership>(as, request);
  }
  absl::StatusOr<v1::Membership> Get(absl::string_view as,
                                     absl::string_view member) {
    v1::GetMembershipRequest request;
    request.set_name(NameOf(member));
    return world_.Call<v1::Membership>(as, request);
  }
  absl::StatusOr<v1::ListMembershipsResponse> List(
      absl::string_view as, int page_size = 0, const std::string& token = "") {
    v1::ListMembershipsRequest request;
    request.set_parent("communities/lean");
    request.set_page_size(page_size);
    request.set_page_token(token);
    return world_.Call<v1::ListMembershipsResponse>(as, request);
  }
  absl::StatusOr<v1::Membership> SetRole(absl::string_view as,
                                         absl::string_view member,
                                         events::v1::Role role,
                                         const std::string& etag = "") {
    v1::UpdateMembershipRequest request;
    request.mutable_membership()->set_name(NameOf(member));
    request.mutable_membership()->set_role(role);
    request.mutable_membership()->set_etag(etag);
    return world_.Call<v1::Membership>(as, request);
  }
  absl::Status Remove(absl::string_view as, absl::string_view member,
                      const std::string& etag = "") {
    v1::DeleteMembershipRequest request;
    request.set_name(NameOf(member));
    request.set_etag(etag);
    return world_.Call<v1::DeleteMembershipResponse>(as, request).status();
  }
  int Owners() {
    return static_cast<int>(
        world_.Rows("SELECT member_id FROM memberships WHERE rank = 0", 1)
            .size());
  }

  World world_;
};

TEST_F(MembershipsTest, AnyoneJoinsAnOpenCommunityAsAMember) {
  const auto joined = Join("members/eve");
  ASSERT_THAT(joined, Succeeds());
  EXPECT_EQ(joined->name(), NameOf("eve"));
  EXPECT_EQ(joined->member(), "members/eve");
  EXPECT_EQ(joined->role(), events::v1::MEMBER);
  const auto announced = world_.Announced();
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(announced[0].type(), "membership.created");
  EXPECT_EQ(announced[0].name(), NameOf("eve"));
  EXPECT_EQ(announced[0].actor(), "members/eve");
  EXPECT_EQ(announced[0].access().scope(), "communities/lean");
  EXPECT_EQ(announced[0].access().grant().principal(), "members/eve");
  EXPECT_EQ(announced[0].access().grant().role(), events::v1::MEMBER);
}

TEST_F(MembershipsTest, JoiningAgainAnswersTheSameAndAnnouncesNothing) {
  const auto first = Join("members/eve");
  world_.Events();
  world_.Advance(absl::Seconds(1));
  EXPECT_EQ(Join("members/eve")->SerializeAsString(),
            first->SerializeAsString());
  EXPECT_EQ(Join("members/ada")->role(), events::v1::OWNER);
  EXPECT_THAT(world_.Events(), IsEmpty());
}

TEST_F(MembershipsTest, JoinsOnceHoweverOftenARequestIsSent) {
  ASSERT_THAT(Join("members/eve", "communities/lean", "r1"), Succeeds());
  ASSERT_THAT(Remove("members/eve", "me"), Succeeds());
  world_.Events();
  // A late retry does not bring back who has left since.
  EXPECT_THAT(Join("members/eve", "communities/lean", "r1"), Succeeds());
  EXPECT_THAT(world_.Events(), IsEmpty());
  EXPECT_THAT(Get("members/ada", "eve"), FailsWith(Reason::RESOURCE_NOT_FOUND));
}

TEST_F(MembershipsTest, OthersThanOpenOnesAreNotJoinedByOneself) {
  world_.AddCommunity("asks", Visibility::kPublic, JoinPolicy::kRequest);
  world_.AddCommunity("invites", Visibility::kPrivate, JoinPolicy::kInvite);
  world_.AddMembership("invites", "bob", Role::kModerator);
  EXPECT_THAT(Join("members/eve", "communities/asks"),
              FailsWith(Reason::JOIN_CLOSED));
  EXPECT_THAT(Join("members/eve", "communities/invites"),
              FailsWith(Reason::JOIN_CLOSED));
  EXPECT_EQ(Join("members/bob", "communities/invites")->role(),
            events::v1::MODERATOR);
  EXPECT_THAT(world_.Events(), IsEmpty());
}

TEST_F(MembershipsTest, HiddenCommunitiesCannotBeFoundByJoining) {
  world_.AddCommunity("secret", Visibility::kHidden, JoinPolicy::kOpen);
  EXPECT_THAT(Join("members/eve", "communities/secret"),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
  EXPECT_EQ(ToRpcStatus(Join("members/eve", "communities/secret").status())
                .SerializeAsString(),
            ToRpcStatus(Join("members/eve", "communities/none").status())
                .SerializeAsString());
}

TEST_F(MembershipsTest, OnlyPeopleWithAnAccountJoin) {
  EXPECT_THAT(Join(""), FailsWith(Reason::TOKEN_MISSING));
  EXPECT_THAT(Join("services/discussions"),
              FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(Join("members/gone"), FailsWith(Reason::TOKEN_INVALID));
  EXPECT_THAT(world_.Events(), IsEmpty());
}

TEST_F(MembershipsTest, MeIsTheCaller) {
  EXPECT_EQ(Get("members/bob", "me")->name(), NameOf("bob"));
  EXPECT_THAT(Get("members/eve", "me"), FailsWith(Reason::RESOURCE_NOT_FOUND));
  EXPECT_THAT(Get("", "me"), FailsWith(Reason::TOKEN_MISSING));
  EXPECT_EQ(Get("", "bob")->role(), events::v1::MEMBER);
  EXPECT_THAT(SetRole("members/ada", "me", events::v1::OWNER), Succeeds());
}

TEST_F(MembershipsTest, AreListedOwnersFirstThenByRoleAndTime) {
  world_.Advance(absl::Seconds(1));
  world_.AddMembership("lean", "aaa", Role::kMember);
  world_.AddMembership("lean", "zoe", Role::kOwner);
  std::vector<std::string> walked;
  std::string token;
  do {
    const auto page = List("", 2, token);
    ASSERT_THAT(page, Succeeds());
    for (const v1::Membership& membership : page->memberships()) {
      walked.push_back(membership.member());
    }
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(walked, ElementsAre("members/ada", "members/zoe", "members/mod",
                                  "members/bob", "members/aaa", "members/oda"));
  EXPECT_EQ(List("", 6)->next_page_token(), "");
}

TEST_F(MembershipsTest, APageTokenIsNoRight) {
  world_.AddCommunity("closed", Visibility::kPrivate);
  world_.AddMembership("closed", "bob", Role::kMember);
  world_.AddMembership("closed", "ada", Role::kOwner);
  v1::ListMembershipsRequest request;
  request.set_parent("communities/closed");
  request.set_page_size(1);
  const auto page =
      world_.Call<v1::ListMembershipsResponse>("members/bob", request);
  ASSERT_THAT(page, Succeeds());
  request.set_page_token(page->next_page_token());
  v1::DeleteMembershipRequest remove;
  remove.set_name("communities/closed/memberships/bob");
  ASSERT_THAT(world_.Call<v1::DeleteMembershipResponse>("members/ada", remove),
              Succeeds());
  EXPECT_THAT(world_.Call<v1::ListMembershipsResponse>("members/bob", request),
              FailsWith(Reason::ROLE_INSUFFICIENT));
}

TEST_F(MembershipsTest, PromotesAMemberAndAnnouncesIt) {
  world_.Advance(absl::Seconds(1));
  const auto before = Get("", "bob");
  const auto updated =
      SetRole("members/ada", "bob", events::v1::MODERATOR, before->etag());
  ASSERT_THAT(updated, Succeeds());
  EXPECT_EQ(updated->role(), events::v1::MODERATOR);
  EXPECT_NE(updated->etag(), before->etag());
  EXPECT_EQ(updated->create_time().SerializeAsString(),
            before->create_time().SerializeAsString());
  EXPECT_EQ(Get("", "bob")->SerializeAsString(), updated->SerializeAsString());
  const auto announced = world_.Announced();
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(announced[0].type(), "membership.role_changed");
  EXPECT_EQ(announced[0].access().grant().principal(), "members/bob");
  EXPECT_EQ(announced[0].access().grant().role(), events::v1::MODERATOR);
  EXPECT_THAT(
      SetRole("members/ada", "bob", events::v1::OBSERVER, before->etag()),
      FailsWith(Reason::ETAG_MISMATCH));
}

TEST_F(MembershipsTest, AnnouncesNoChangeWhereThereIsNone) {
  const auto same = SetRole("members/ada", "bob", events::v1::MEMBER);
  ASSERT_THAT(same, Succeeds());
  EXPECT_EQ(same->etag(), Get("", "bob")->etag());
  EXPECT_THAT(world_.Events(), IsEmpty());
}

TEST_F(MembershipsTest, SetsRolesOnlyAndOnlyDeclaredOnes) {
  v1::UpdateMembershipRequest request;
  request.mutable_membership()->set_name(NameOf("bob"));
  request.mutable_membership()->set_role(events::v1::OWNER);
  for (const char* path : {"member", "name", "create_time", "etag", "owner"}) {
    request.mutable_update_mask()->clear_paths();
    request.mutable_update_mask()->add_paths(path);
    EXPECT_THAT(world_.Call<v1::Membership>("members/ada", request),
                FailsWith(Reason::MASK_INVALID))
        << path;
  }
  request.mutable_update_mask()->clear_paths();
  request.mutable_update_mask()->add_paths("role");
  for (const int role : {0, 5, -1}) {
    request.mutable_membership()->set_role(static_cast<events::v1::Role>(role));
    EXPECT_THAT(world_.Call<v1::Membership>("members/ada", request),
                FailsWith(Reason::FIELD_INVALID))
        << role;
  }
  EXPECT_EQ(Get("", "bob")->role(), events::v1::MEMBER);
  EXPECT_THAT(SetRole("members/ada", "nobody", events::v1::MEMBER),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
}

TEST_F(MembershipsTest, KeepsTheLastOwner) {
  EXPECT_THAT(SetRole("members/ada", "ada", events::v1::MEMBER),
              FailsWith(Reason::LAST_OWNER));
  EXPECT_THAT(Remove("members/ada", "me"), FailsWith(Reason::LAST_OWNER));
  EXPECT_THAT(world_.Events(), IsEmpty());
  ASSERT_THAT(SetRole("members/ada", "bob", events::v1::OWNER), Succeeds());
  EXPECT_THAT(Remove("members/ada", "me"), Succeeds());
  EXPECT_THAT(Remove("members/bob", "bob"), FailsWith(Reason::LAST_OWNER));
}

TEST_F(MembershipsTest, KeepsTheLastOwnerWhenTwoLeaveAtOnce) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_THAT(Join("members/bob"), Succeeds());
    ASSERT_THAT(Join("members/ada"), Succeeds());
    for (const char* person : {"ada", "bob"}) {
      for (const char* owner : {"members/ada", "members/bob"}) {
        SetRole(owner, person, events::v1::OWNER).IgnoreError();
      }
    }
    ASSERT_EQ(Owners(), 2);
    const auto statuses = Together(2, [&](int i) {
      return Remove(i == 0 ? "members/ada" : "members/bob", "me");
    });
    EXPECT_EQ(Owners(), 1);
    EXPECT_EQ(CountOk(statuses), 1);
    EXPECT_THAT(statuses[0].ok() ? statuses[1] : statuses[0],
                FailsWith(Reason::LAST_OWNER));
  }
}

TEST_F(MembershipsTest, KeepsTheLastOwnerWhenTwoDemoteEachOther) {
  for (int round = 0; round < 20; ++round) {
    for (const char* owner : {"members/ada", "members/bob"}) {
      for (const char* person : {"ada", "bob"}) {
        SetRole(owner, person, events::v1::OWNER).IgnoreError();
      }
    }
    ASSERT_EQ(Owners(), 2);
    Together(2, [&](int i) {
      return SetRole(i == 0 ? "members/ada" : "members/bob",
                     i == 0 ? "bob" : "ada", events::v1::MEMBER)
          .status();
    });
    EXPECT_EQ(Owners(), 1);
  }
}

TEST_F(MembershipsTest, AnyoneLeavesAndItIsAnnounced) {
  for (const char* person : {"oda", "bob", "mod"}) {
    ASSERT_THAT(Remove(absl::StrCat("members/", person), "me"), Succeeds());
    const auto announced = world_.Announced();
    ASSERT_EQ(announced.size(), 1u);
    EXPECT_EQ(announced[0].type(), "membership.deleted");
    EXPECT_EQ(announced[0].name(), NameOf(person));
    EXPECT_EQ(announced[0].access().scope(), "communities/lean");
    EXPECT_TRUE(announced[0].access().has_grant());
    EXPECT_EQ(announced[0].access().grant().role(),
              events::v1::ROLE_UNSPECIFIED);
    EXPECT_THAT(Get("", person), FailsWith(Reason::RESOURCE_NOT_FOUND));
  }
}

TEST_F(MembershipsTest, ModeratorsRemoveThoseBelowThemOnly) {
  world_.AddMembership("lean", "mo2", Role::kModerator);
  EXPECT_THAT(Remove("members/mod", "ada"),
              FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(Remove("members/mod", "mo2"),
              FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(Remove("members/mod", "bob"), Succeeds());
  EXPECT_THAT(Remove("members/mod", "oda"), Succeeds());
  EXPECT_THAT(Remove("members/ada", "mo2"), Succeeds());
}

TEST_F(MembershipsTest, DeniesBeforeItTellsWhoIsThere) {
  for (const char* as : {"members/bob", "members/oda"}) {
    for (const char* target : {"ada", "nobody"}) {
      EXPECT_EQ(ToRpcStatus(Remove(as, target)).SerializeAsString(),
                ToRpcStatus(Remove(as, "mod")).SerializeAsString());
    }
    EXPECT_THAT(Remove(as, "nobody"), FailsWith(Reason::ROLE_INSUFFICIENT));
  }
  EXPECT_THAT(Remove("members/mod", "nobody"),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
}

TEST_F(MembershipsTest, RemovesNobodyByAStaleEtag) {
  const std::string etag = Get("", "bob")->etag();
  ASSERT_THAT(SetRole("members/ada", "bob", events::v1::OBSERVER), Succeeds());
  EXPECT_THAT(Remove("members/ada", "bob", etag),
              FailsWith(Reason::ETAG_MISMATCH));
  EXPECT_THAT(Remove("members/ada", "bob", Get("", "bob")->etag()), Succeeds());
}

TEST_F(MembershipsTest, WhoWasRemovedIsRefusedAtOnce) {
  ASSERT_THAT(Remove("members/ada", "mod"), Succeeds());
  EXPECT_THAT(Remove("members/mod", "bob"),
              FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(SetRole("members/mod", "bob", events::v1::OWNER),
              FailsWith(Reason::ROLE_INSUFFICIENT));
}

// The pipeline let the call in by a role that is gone when the write runs.
TEST_F(MembershipsTest, JudgesByTheRoleHeldInTheTransaction) {
  Memberships handlers(world_.server().database(), world_.server().log());
  rpc::Call call;
  call.time = world_.now();
  call.deadline = absl::InfiniteFuture();
  call.standing = {events::v1::PUBLIC, events::v1::OWNER};
  v1::UpdateMembershipRequest update;
  update.mutable_membership()->set_name(NameOf("bob"));
  update.mutable_membership()->set_role(events::v1::OWNER);
  v1::DeleteMembershipRequest remove;
  remove.set_name(NameOf("bob"));
  for (const char* as : {"members/oda", "members/eve"}) {
    call.caller.name = as;
    EXPECT_THAT(handlers.UpdateMembership(call, update),
                FailsWith(Reason::ROLE_INSUFFICIENT));
    EXPECT_THAT(handlers.DeleteMembership(call, remove),
                FailsWith(Reason::ROLE_INSUFFICIENT));
  }
  EXPECT_THAT(world_.Events(), IsEmpty());
}

// Whoever holds a lease may still let bob in, so ada is not told that he is
// out.
TEST_F(MembershipsTest, RemovesNobodyBeforeThatIsKnownEverywhere) {
  events::Log& log = world_.server().log();
  ASSERT_THAT(log.Ack("discussions/access/1", 0), Succeeds());
  Memberships handlers(world_.server().database(), log);
  rpc::Call call;
  call.method = v1::DeleteMembershipRequest::descriptor()
                    ->file()
                    ->FindServiceByName("MembershipService")
                    ->FindMethodByName("DeleteMembership");
  call.time = world_.now();
  call.caller.name = "members/ada";
  call.deadline = absl::Now() + absl::Milliseconds(200);
  v1::DeleteMembershipRequest request;
  request.set_name(NameOf("bob"));
  request.set_request_id("r1");
  EXPECT_THAT(handlers.DeleteMembership(call, request),
              FailsWith(Reason::NOT_YET_EVERYWHERE));
  EXPECT_THAT(Get("", "bob"), FailsWith(Reason::RESOURCE_NOT_FOUND));

  // The same request again waits on, and acts no second time.
  ASSERT_TRUE(Eventually([&] { return log.latest() > 0; }));
  ASSERT_THAT(log.Ack("discussions/access/1", log.latest()), Succeeds());
  call.deadline = absl::Now() + absl::Seconds(20);
  EXPECT_THAT(handlers.DeleteMembership(call, request), Succeeds());
  EXPECT_THAT(world_.Events(), SizeIs(1));
}

}  // namespace
}  // namespace praxis::members
