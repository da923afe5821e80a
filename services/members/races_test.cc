// What many do at once comes out as if they had done it one after the other.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "praxis/members/v1/communities.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/memberships.pb.h"
#include "praxis/members/v1/sessions.pb.h"
#include "services/members/testing/together.h"
#include "services/members/testing/world.h"

namespace praxis::members {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr int kMany = 16;

class RacesTest : public ::testing::Test {
 protected:
  // Each of the statuses that is not OK has `reason`.
  static void ExpectRefused(const std::vector<absl::Status>& statuses,
                            Reason reason) {
    for (const absl::Status& status : statuses) {
      if (status.ok()) continue;
      EXPECT_THAT(status, FailsWith(reason));
    }
  }

  World world_;
};

TEST_F(RacesTest, OneOfManyGetsAHandle) {
  const auto statuses = Together(kMany, [&](int i) {
    v1::RegisterMemberRequest request;
    request.set_handle(i % 2 == 0 ? "ada" : "ADA");
    request.set_email(absl::StrCat("ada", i, "@example.org"));
    request.set_password("correct horse battery");
    return world_.Call<v1::RegisterMemberResponse>("", request).status();
  });
  EXPECT_EQ(CountOk(statuses), 1);
  ExpectRefused(statuses, Reason::NAME_TAKEN);
  EXPECT_THAT(world_.Events(), SizeIs(1));
  EXPECT_THAT(world_.Rows("SELECT member_id FROM passwords", 1), SizeIs(1));
}

TEST_F(RacesTest, ARequestSentManyTimesRegistersOnce) {
  const auto statuses = Together(kMany, [&](int) {
    v1::RegisterMemberRequest request;
    request.set_handle("ada");
    request.set_email("ada@example.org");
    request.set_password("correct horse battery");
    request.set_request_id("r1");
    return world_.Call<v1::RegisterMemberResponse>("", request).status();
  });
  EXPECT_EQ(CountOk(statuses), kMany);
  EXPECT_THAT(world_.Events(), SizeIs(1));
}

TEST_F(RacesTest, OneOfManyFoundsACommunity) {
  for (int i = 0; i < kMany; ++i) world_.AddMember(absl::StrCat("m", i));
  const auto statuses = Together(kMany, [&](int i) {
    v1::CreateCommunityRequest request;
    request.set_community_id("lean");
    request.mutable_community()->set_display_name(absl::StrCat(i));
    return world_.Call<v1::Community>(absl::StrCat("members/m", i), request)
        .status();
  });
  EXPECT_EQ(CountOk(statuses), 1);
  ExpectRefused(statuses, Reason::NAME_TAKEN);
  EXPECT_THAT(world_.Events(), SizeIs(2));
  EXPECT_THAT(world_.Rows("SELECT member_id FROM memberships", 1), SizeIs(1));
}

TEST_F(RacesTest, APersonWhoJoinsManyTimesJoinsOnce) {
  world_.AddMember("eve");
  world_.AddCommunity("lean");
  const auto statuses = Together(kMany, [&](int) {
    v1::CreateMembershipRequest request;
    request.set_parent("communities/lean");
    return world_.Call<v1::Membership>("members/eve", request).status();
  });
  EXPECT_EQ(CountOk(statuses), kMany);
  EXPECT_THAT(world_.Events(), SizeIs(1));
}

TEST_F(RacesTest, OneOfManyEditorsWithTheSameEtagIsHeard) {
  world_.AddMember("ada");
  world_.AddCommunity("lean");
  world_.AddMembership("lean", "ada", Role::kOwner);
  v1::GetCommunityRequest get;
  get.set_name("communities/lean");
  const auto before = world_.Call<v1::Community>("", get);
  ASSERT_THAT(before, Succeeds());
  const auto statuses = Together(kMany, [&](int i) {
    v1::UpdateCommunityRequest request;
    request.mutable_community()->set_name("communities/lean");
    request.mutable_community()->set_etag(before->etag());
    request.mutable_community()->set_display_name(absl::StrCat("name ", i));
    return world_.Call<v1::Community>("members/ada", request).status();
  });
  EXPECT_EQ(CountOk(statuses), 1);
  ExpectRefused(statuses, Reason::ETAG_MISMATCH);
  for (int i = 0; i < kMany; ++i) {
    if (!statuses[i].ok()) continue;
    EXPECT_EQ(world_.Call<v1::Community>("", get)->display_name(),
              absl::StrCat("name ", i));
  }
  EXPECT_THAT(world_.Events(),
              ElementsAre("community.updated communities/lean"));
}

TEST_F(RacesTest, ARefreshTokenLeadsToOneGoodTokenHoweverManyUseIt) {
  world_.AddMember("ada", "correct horse battery");
  v1::CreateSessionRequest sign_in;
  sign_in.set_handle("ada");
  sign_in.set_password("correct horse battery");
  v1::RefreshSessionRequest refresh;
  refresh.set_refresh_token(
      world_.Call<v1::SessionTokens>("", sign_in)->refresh_token());
  std::vector<std::string> tokens(kMany);
  const auto statuses = Together(kMany, [&](int i) {
    const auto next = world_.Call<v1::SessionTokens>("", refresh);
    if (next.ok()) tokens[i] = next->refresh_token();
    return next.status();
  });
  // All came within the time for retries.
  EXPECT_EQ(CountOk(statuses), kMany);
  EXPECT_THAT(world_.Rows("SELECT id FROM sessions", 1), SizeIs(1));
  int good = 0;
  for (const std::string& token : tokens) {
    good += auth::Sha256Hex(token) ==
            world_.Rows("SELECT refresh_hash FROM sessions", 1)[0];
  }
  EXPECT_EQ(good, 1);
}

}  // namespace
}  // namespace praxis::members
