#include "gateway/ops/openapi/examples.h"

#include <string>

#include "gateway/transcode/json_writer.h"
#include "gateway/transcode/message_schema.h"
#include "gtest/gtest.h"
#include "praxis/discussions/v1/threads.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/memberships.pb.h"
#include "services/common/testing/echo.pb.h"

namespace praxis::gateway {
namespace {

namespace discussions = ::praxis::discussions::v1;
namespace members = ::praxis::members::v1;

std::string Json(const Object& object) {
  SchemaSet schemas;
  std::string json;
  EXPECT_TRUE(WriteJson(schemas.Get(Object::descriptor()),
                        object.SerializeAsString(), &json)
                  .ok());
  return json;
}

class ExamplesTest : public ::testing::Test {
 protected:
  std::string FieldOf(const google::protobuf::Descriptor& type,
                      const std::string& name) {
    const auto value = examples_.Of(*type.FindFieldByName(name));
    return value.has_value() ? value->ShortDebugString() : "none";
  }

  const Contract contract_;
  const Examples examples_{contract_};
};

TEST_F(ExamplesTest, AreTheContractsOwn) {
  EXPECT_EQ(FieldOf(*members::Member::descriptor(), "handle"),
            "string_value: \"ada\"");
  EXPECT_EQ(
      FieldOf(*members::RegisterMemberResponse::descriptor(), "expires_in_s"),
      "number_value: 600");
  EXPECT_EQ(FieldOf(*members::Member::descriptor(), "etag"),
            "string_value: \"v2\"");
  EXPECT_EQ(FieldOf(*testing::v1::Record::descriptor(), "title"), "none");
}

TEST_F(ExamplesTest, NameTheSameObjectWhereverItsNameIsAsked) {
  const std::string community = "string_value: \"communities/lathe-work\"";
  EXPECT_EQ(FieldOf(*discussions::ListThreadsRequest::descriptor(), "parent"),
            community);
  EXPECT_EQ(FieldOf(*members::CreateMembershipRequest::descriptor(), "parent"),
            community);
  EXPECT_EQ(FieldOf(*discussions::KnowledgeGap::descriptor(), "owner"),
            "string_value: \"members/01m8d14630exqankn49w63rfd8\"");
  // Unless the field says otherwise.
  EXPECT_EQ(FieldOf(*members::GetMemberRequest::descriptor(), "name"),
            "string_value: \"members/me\"");
}

TEST_F(ExamplesTest, LeaveOutOfARequestWhatTheServiceSets) {
  EXPECT_EQ(Json(examples_.Sent(*discussions::Thread::descriptor())),
            R"({"body":"The last third of the shaft shows **chatter**.",)"
            R"("kind":"PROBLEM_SOLVING",)"
            R"("title":"A chatter mark near the tailstock"})");
  EXPECT_EQ(Json(examples_.Sent(
                *discussions::ResolveThreadRequest::descriptor(), {"name"})),
            R"({"outcome":{"solution":{"solution":)"
            R"("A live centre, and half the depth of cut.",)"
            R"("tried":["A slower feed"]}}})");
}

TEST_F(ExamplesTest, HoldListsOfOneInAnAnswer) {
  const Object list =
      examples_.Answered(*members::ListMembershipsResponse::descriptor());
  const auto& memberships = list.fields().at("memberships").list_value();
  ASSERT_EQ(memberships.values_size(), 1);
  EXPECT_EQ(
      memberships.values(0).struct_value().fields().at("role").string_value(),
      "MODERATOR");
}

}  // namespace
}  // namespace praxis::gateway
