// Every RPC of this service does what its policy says it announces.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "praxis/members/v1/communities.pb.h"
#include "praxis/members/v1/members.pb.h"
#include "praxis/members/v1/memberships.pb.h"
#include "praxis/members/v1/sessions.pb.h"
#include "praxis/options/v1/options.pb.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/members/testing/world.h"

namespace praxis::members {
namespace {

using ::praxis::testing::Succeeds;

constexpr char kPassword[] = "correct horse battery";

template <typename Response, typename Request>
absl::Status Try(World& world, absl::string_view as, const Request& request) {
  return world.Call<Response>(as, request).status();
}

absl::Status RegisterMember(World& world) {
  v1::RegisterMemberRequest request;
  request.set_handle("new");
  request.set_email("new@example.org");
  request.set_password(kPassword);
  return Try<v1::RegisterMemberResponse>(world, "", request);
}

absl::Status GetMember(World& world) {
  v1::GetMemberRequest request;
  request.set_name("members/me");
  return Try<v1::Member>(world, "members/ada", request);
}

absl::Status UpdateMember(World& world) {
  v1::UpdateMemberRequest request;
  request.mutable_member()->set_name("members/me");
  request.mutable_member()->set_bio("new");
  return Try<v1::Member>(world, "members/ada", request);
}

v1::CreateSessionRequest SignIn() {
  v1::CreateSessionRequest request;
  request.set_handle("ada");
  request.set_password(kPassword);
  return request;
}

absl::Status CreateSession(World& world) {
  return Try<v1::SessionTokens>(world, "", SignIn());
}

absl::Status RefreshSession(World& world) {
  v1::RefreshSessionRequest request;
  request.set_refresh_token(
      world.Call<v1::SessionTokens>("", SignIn())->refresh_token());
  return Try<v1::SessionTokens>(world, "", request);
}

absl::Status ExchangeToken(World& world) {
  v1::ExchangeTokenRequest request;
  request.set_subject_token_type("urn:praxis:token-type:service-credential");
  request.set_subject_token(
      world.credential().SubjectToken("services/gateway"));
  return Try<v1::ExchangeTokenResponse>(world, "", request);
}

absl::Status GetJwks(World& world) {
  return Try<v1::Jwks>(world, "", v1::GetJwksRequest());
}

absl::Status CreateCommunity(World& world) {
  v1::CreateCommunityRequest request;
  request.set_community_id("agile");
  request.mutable_community()->set_display_name("Agile");
  return Try<v1::Community>(world, "members/ada", request);
}

absl::Status GetCommunity(World& world) {
  v1::GetCommunityRequest request;
  request.set_name("communities/lean");
  return Try<v1::Community>(world, "", request);
}

absl::Status ListCommunities(World& world) {
  return Try<v1::ListCommunitiesResponse>(world, "",
                                          v1::ListCommunitiesRequest());
}

absl::Status UpdateCommunity(World& world) {
  v1::UpdateCommunityRequest request;
  request.mutable_community()->set_name("communities/lean");
  request.mutable_community()->set_domain("Flow");
  return Try<v1::Community>(world, "members/ada", request);
}

absl::Status CreateMembership(World& world) {
  v1::CreateMembershipRequest request;
  request.set_parent("communities/lean");
  return Try<v1::Membership>(world, "members/eve", request);
}

absl::Status GetMembership(World& world) {
  v1::GetMembershipRequest request;
  request.set_name("communities/lean/memberships/bob");
  return Try<v1::Membership>(world, "", request);
}

absl::Status ListMemberships(World& world) {
  v1::ListMembershipsRequest request;
  request.set_parent("communities/lean");
  return Try<v1::ListMembershipsResponse>(world, "", request);
}

absl::Status UpdateMembership(World& world) {
  v1::UpdateMembershipRequest request;
  request.mutable_membership()->set_name("communities/lean/memberships/bob");
  request.mutable_membership()->set_role(events::v1::MODERATOR);
  return Try<v1::Membership>(world, "members/ada", request);
}

absl::Status DeleteMembership(World& world) {
  v1::DeleteMembershipRequest request;
  request.set_name("communities/lean/memberships/me");
  return Try<v1::DeleteMembershipResponse>(world, "members/bob", request);
}

// A call of each that succeeds, in a world where Ada owns "lean", Bob is a
// member and Eve is not.
const std::map<std::string, std::function<absl::Status(World&)>>& Calls() {
  static const auto& calls =
      *new std::map<std::string, std::function<absl::Status(World&)>>{
          {"RegisterMember", RegisterMember},
          {"GetMember", GetMember},
          {"UpdateMember", UpdateMember},
          {"CreateSession", CreateSession},
          {"RefreshSession", RefreshSession},
          {"ExchangeToken", ExchangeToken},
          {"GetJwks", GetJwks},
          {"CreateCommunity", CreateCommunity},
          {"GetCommunity", GetCommunity},
          {"ListCommunities", ListCommunities},
          {"UpdateCommunity", UpdateCommunity},
          {"CreateMembership", CreateMembership},
          {"GetMembership", GetMembership},
          {"ListMemberships", ListMemberships},
          {"UpdateMembership", UpdateMembership},
          {"DeleteMembership", DeleteMembership},
      };
  return calls;
}

TEST(ContractTest, EveryMethodSucceedsAndEmitsWhatItDeclaresExactlyOnce) {
  size_t methods = 0;
  World descriptors;
  for (const auto* service :
       descriptors.server().pipeline().methods().Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor& method = *service->method(i);
      SCOPED_TRACE(method.full_name());
      ++methods;
      World world;
      world.AddMember("ada", kPassword);
      world.AddMember("bob");
      world.AddMember("eve");
      world.AddCommunity("lean");
      world.AddMembership("lean", "ada", Role::kOwner);
      world.AddMembership("lean", "bob", Role::kMember);
      ASSERT_EQ(Calls().count(method.name()), 1u) << "add a call";
      EXPECT_THAT(Calls().at(method.name())(world), Succeeds());

      std::vector<std::string> emitted;
      for (const events::v1::Event& event : world.Announced()) {
        emitted.push_back(event.type());
        EXPECT_EQ(event.source(), "services/members");
        EXPECT_FALSE(event.actor().empty());
        EXPECT_EQ(event.time().seconds(), absl::ToUnixSeconds(world.now()));
        EXPECT_EQ(event.trace_id().size(), 32u);
      }
      EXPECT_THAT(
          emitted,
          ::testing::ElementsAreArray(
              method.options().GetExtension(options::v1::policy).emits()));
    }
  }
  EXPECT_EQ(methods, Calls().size()) << "a call of no method";
}

}  // namespace
}  // namespace praxis::members
