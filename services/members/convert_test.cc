#include "services/members/convert.h"

#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::members {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::praxis::testing::FailsWith;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kMade = absl::FromUnixMicros(1'700'000'000'000'001);
const absl::Time kChanged = absl::FromUnixMicros(1'700'000'001'000'002);

Member Ada() {
  return {.id = "01ada",
          .handle = "ada",
          .display_name = "Ada L.",
          .email = "Ada@example.org",
          .organisation = "Engines",
          .bio = "Notes\non engines",
          .expertise = {"mathematics", "poetry"},
          .create_time = kMade,
          .update_time = kChanged,
          .version = 3};
}

TEST(ConvertTest, MakesAMessageOfAMember) {
  const v1::Member proto = ToProto(Ada());
  EXPECT_EQ(proto.name(), "members/01ada");
  EXPECT_EQ(proto.handle(), "ada");
  EXPECT_EQ(proto.display_name(), "Ada L.");
  EXPECT_EQ(proto.email(), "Ada@example.org");
  EXPECT_EQ(proto.organisation(), "Engines");
  EXPECT_EQ(proto.bio(), "Notes\non engines");
  EXPECT_THAT(proto.expertise(), ElementsAre("mathematics", "poetry"));
  EXPECT_EQ(proto.create_time().seconds(), 1'700'000'000);
  EXPECT_EQ(proto.create_time().nanos(), 1000);
  EXPECT_EQ(proto.update_time().nanos(), 2000);
  EXPECT_FALSE(proto.etag().empty());
}

TEST(ConvertTest, LeavesOutNothingButTheEmailForOthers) {
  v1::Member shown = ToPublicProto(Ada());
  EXPECT_EQ(shown.email(), "");
  shown.set_email("Ada@example.org");
  EXPECT_TRUE(MessageDifferencer::Equals(shown, ToProto(Ada())));
}

TEST(ConvertTest, TakesFromAMemberWhatCanBeSetOnly) {
  v1::Member record = ToProto(Ada());
  record.set_name("members/eve");
  record.set_handle("ada2");
  record.set_display_name("");
  record.set_email("a@b.example");
  record.set_organisation("O");
  record.set_bio("B");
  record.clear_expertise();
  record.add_expertise("");
  record.add_expertise("x");
  record.mutable_create_time()->set_seconds(1);
  const absl::StatusOr<Member> member = FromProto(record, Ada());
  ASSERT_TRUE(member.ok()) << member.status();
  EXPECT_EQ(member->id, "01ada");
  EXPECT_EQ(member->handle, "ada2");
  EXPECT_EQ(member->display_name, "ada2");
  EXPECT_EQ(member->email, "a@b.example");
  EXPECT_EQ(member->organisation, "O");
  EXPECT_EQ(member->bio, "B");
  EXPECT_THAT(member->expertise, ElementsAre("x"));
  EXPECT_EQ(member->create_time, kMade);
  EXPECT_EQ(member->version, 3);
}

TEST(ConvertTest, NamesEveryFieldOfAMemberThatIsWrong) {
  v1::Member record = ToProto(Ada());
  record.clear_handle();
  record.clear_email();
  const absl::Status status = FromProto(record, Ada()).status();
  EXPECT_THAT(status, FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(ToRpcStatus(status).DebugString(),
              AllOf(HasSubstr("member.handle"), HasSubstr("member.email")));
}

TEST(ConvertTest, RegistersUnderTheLowerCaseOfTheHandle) {
  v1::RegisterMemberRequest request;
  request.set_handle("AdA");
  request.set_email("Ada@example.org");
  absl::StatusOr<Member> member = FromProto(request);
  ASSERT_TRUE(member.ok());
  EXPECT_EQ(member->handle, "ada");
  EXPECT_EQ(member->display_name, "ada");
  request.set_display_name("Ada");
  EXPECT_EQ(FromProto(request)->display_name, "Ada");
  request.set_email("a..b@example.org");
  EXPECT_THAT(FromProto(request), FailsWith(Reason::FIELD_INVALID));
}

TEST(ConvertTest, KeepsACommunityOnItsWayThereAndBack) {
  const Community lean = {.id = "lean",
                          .display_name = "Lean",
                          .domain = "Flow",
                          .topics = {"kanban", "waste"},
                          .visibility = Visibility::kHidden,
                          .join_policy = JoinPolicy::kInvite,
                          .create_time = kMade,
                          .update_time = kChanged,
                          .version = 7};
  const v1::Community proto = ToProto(lean);
  EXPECT_EQ(proto.name(), "communities/lean");
  EXPECT_EQ(proto.visibility(), events::v1::HIDDEN);
  EXPECT_EQ(proto.join_policy(), v1::INVITE);
  const absl::StatusOr<Community> back =
      FromProto(proto, {.id = "lean",
                        .create_time = kMade,
                        .update_time = kChanged,
                        .version = 7});
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE(MessageDifferencer::Equals(ToProto(*back), proto));
}

TEST(ConvertTest, TakesPrivateAndRequestForWhatIsNotSaid) {
  const absl::StatusOr<Community> community =
      FromProto(v1::Community(), Community{.visibility = Visibility::kPublic,
                                           .join_policy = JoinPolicy::kOpen});
  ASSERT_TRUE(community.ok());
  EXPECT_EQ(community->visibility, Visibility::kPrivate);
  EXPECT_EQ(community->join_policy, JoinPolicy::kRequest);
}

TEST(ConvertTest, RefusesNumbersThatNoEnumDeclares) {
  v1::Community community;
  community.set_visibility(static_cast<events::v1::Visibility>(4));
  EXPECT_THAT(FromProto(community, Community()),
              FailsWith(Reason::FIELD_INVALID));
  community.set_visibility(events::v1::PUBLIC);
  community.set_join_policy(static_cast<v1::JoinPolicy>(-1));
  EXPECT_THAT(FromProto(community, Community()),
              FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(FromProto(static_cast<events::v1::Role>(5)),
              FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(FromProto(events::v1::ROLE_UNSPECIFIED),
              FailsWith(Reason::FIELD_INVALID));
  EXPECT_EQ(*FromProto(events::v1::MODERATOR), Role::kModerator);
}

TEST(ConvertTest, MakesAMessageOfAMembership) {
  const v1::Membership proto = ToProto(Membership{.community = "lean",
                                                  .member = "01ada",
                                                  .role = Role::kOwner,
                                                  .create_time = kMade,
                                                  .update_time = kChanged,
                                                  .version = 2});
  EXPECT_EQ(proto.name(), "communities/lean/memberships/01ada");
  EXPECT_EQ(proto.member(), "members/01ada");
  EXPECT_EQ(proto.role(), events::v1::OWNER);
  EXPECT_EQ(proto.create_time().nanos(), 1000);
  EXPECT_EQ(proto.update_time().nanos(), 2000);
  EXPECT_FALSE(proto.etag().empty());
}

}  // namespace
}  // namespace praxis::members
