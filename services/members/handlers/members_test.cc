#include "services/members/handlers/members.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/sql/database.h"
#include "services/members/testing/world.h"

namespace praxis::members {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kPassword[] = "correct horse battery";

class MembersTest : public ::testing::Test {
 protected:
  static v1::RegisterMemberRequest Ada() {
    v1::RegisterMemberRequest request;
    request.set_handle("Ada");
    request.set_email("Ada@example.org");
    request.set_password(kPassword);
    return request;
  }
  absl::StatusOr<v1::RegisterMemberResponse> Register(
      const v1::RegisterMemberRequest& request) {
    return world_.Call<v1::RegisterMemberResponse>("", request);
  }
  absl::StatusOr<v1::Member> Get(absl::string_view as, absl::string_view name) {
    v1::GetMemberRequest request;
    request.set_name(std::string(name));
    return world_.Call<v1::Member>(as, request);
  }
  // Changes what `patch` sets, or what the mask names.
  absl::StatusOr<v1::Member> Update(absl::string_view as,
                                    const v1::Member& patch,
                                    std::vector<std::string> mask = {}) {
    v1::UpdateMemberRequest request;
    *request.mutable_member() = patch;
    request.mutable_update_mask()->mutable_paths()->Assign(mask.begin(),
                                                           mask.end());
    return world_.Call<v1::Member>(as, request);
  }
  static v1::Member Patch(absl::string_view name) {
    v1::Member patch;
    patch.set_name(std::string(name));
    return patch;
  }

  World world_;
};

TEST_F(MembersTest, RegistersAPersonAndSignsThemIn) {
  const auto registered = Register(Ada());
  ASSERT_THAT(registered, Succeeds());
  const v1::Member& member = registered->member();
  EXPECT_EQ(member.handle(), "ada");
  EXPECT_EQ(member.display_name(), "ada");
  EXPECT_EQ(member.email(), "Ada@example.org");
  EXPECT_TRUE(member.has_create_time());
  EXPECT_THAT(world_.Events(),
              ElementsAre("member.registered " + member.name()));

  auth::TokenVerifier verifier(world_.signer(), auth::TokenRules{});
  const auto principal =
      verifier.Verify(registered->access_token(), world_.now());
  ASSERT_THAT(principal, Succeeds());
  EXPECT_EQ(principal->name, member.name());
  EXPECT_EQ(registered->expires_in_s(), 600);

  v1::RefreshSessionRequest refresh;
  refresh.set_refresh_token(registered->refresh_token());
  EXPECT_THAT(world_.Call<v1::SessionTokens>("", refresh), Succeeds());
  v1::CreateSessionRequest sign_in;
  sign_in.set_handle("ada");
  sign_in.set_password(kPassword);
  EXPECT_THAT(world_.Call<v1::SessionTokens>("", sign_in), Succeeds());
}

TEST_F(MembersTest, AnnouncesAPersonByThemselvesAndWithoutTheEmail) {
  ASSERT_THAT(Register(Ada()), Succeeds());
  const auto announced = world_.Announced();
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(announced[0].actor(), announced[0].name());
  EXPECT_EQ(announced[0].source(), "services/members");
  v1::Member data;
  ASSERT_TRUE(announced[0].data().UnpackTo(&data));
  EXPECT_EQ(data.handle(), "ada");
  EXPECT_THAT(announced[0].SerializeAsString(), Not(HasSubstr("@example")));
}

TEST_F(MembersTest, GivesHandlesAndEmailsOutOnceWhateverTheirCase) {
  ASSERT_THAT(Register(Ada()), Succeeds());
  world_.Events();
  v1::RegisterMemberRequest request = Ada();
  request.set_handle("aDA");
  request.set_email("other@example.org");
  EXPECT_THAT(Register(request), FailsWith(Reason::NAME_TAKEN));
  request.set_handle("other");
  request.set_email("ADA@Example.org");
  EXPECT_THAT(Register(request), FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(world_.Events(), IsEmpty());
  EXPECT_THAT(world_.Rows("SELECT handle FROM members", 1), ElementsAre("ada"));
}

TEST_F(MembersTest, RegistersOnceHoweverOftenARequestIsSent) {
  v1::RegisterMemberRequest request = Ada();
  request.set_request_id("r1");
  const auto first = Register(request);
  const auto second = Register(request);
  ASSERT_THAT(first, Succeeds());
  ASSERT_THAT(second, Succeeds());
  EXPECT_EQ(second->member().SerializeAsString(),
            first->member().SerializeAsString());
  EXPECT_EQ(world_.Events().size(), 1u);
  // The tokens are new each time, and both sessions go on.
  EXPECT_NE(second->refresh_token(), first->refresh_token());
  for (const auto* tokens : {&*first, &*second}) {
    v1::RefreshSessionRequest refresh;
    refresh.set_refresh_token(tokens->refresh_token());
    EXPECT_THAT(world_.Call<v1::SessionTokens>("", refresh), Succeeds());
  }
  request.set_display_name("Someone else");
  EXPECT_THAT(Register(request), FailsWith(Reason::REQUEST_ID_REUSED));
}

TEST_F(MembersTest, SignsARetryInByThePasswordOfToday) {
  v1::RegisterMemberRequest request = Ada();
  request.set_request_id("r1");
  ASSERT_THAT(Register(request), Succeeds());
  const std::string changed = *auth::HashPassword("another one", kCheap);
  ASSERT_THAT(world_.server().database().Write([&](sql::Tx& tx) {
    return tx.Execute("UPDATE passwords SET hash = $1", {changed}).status();
  }),
              Succeeds());
  EXPECT_THAT(Register(request), FailsWith(Reason::CREDENTIALS_INVALID));
}

TEST_F(MembersTest, StoresNeitherPasswordNorToken) {
  v1::RegisterMemberRequest request = Ada();
  request.set_request_id("r1");
  const auto registered = Register(request);
  ASSERT_THAT(registered, Succeeds());
  std::vector<std::string> rows =
      world_.Rows("SELECT answer FROM request_answers", 1);
  for (const auto& row : world_.Rows("SELECT member_id, id, refresh_hash, "
                                     "previous_hash FROM sessions",
                                     4)) {
    rows.push_back(row);
  }
  for (const auto& row : world_.Rows("SELECT hash FROM passwords", 1)) {
    rows.push_back(row);
  }
  ASSERT_EQ(rows.size(), 3u);
  for (const std::string& row : rows) {
    EXPECT_THAT(row, AllOf(Not(HasSubstr(kPassword)),
                           Not(HasSubstr(registered->access_token())),
                           Not(HasSubstr(registered->refresh_token()))));
  }
}

TEST_F(MembersTest, RefusesToRegisterWhatIsNotInShape) {
  const auto refused = [&](auto change) {
    v1::RegisterMemberRequest request = Ada();
    change(request);
    EXPECT_THAT(Register(request), FailsWith(Reason::FIELD_INVALID))
        << request.DebugString();
  };
  refused([](auto& request) { request.clear_handle(); });
  refused([](auto& request) { request.set_handle("a"); });
  refused([](auto& request) { request.set_handle("../ada"); });
  refused([](auto& request) { request.set_handle(std::string("a\0b", 3)); });
  refused([](auto& request) { request.set_handle(std::string(10'000, 'a')); });
  refused([](auto& request) { request.set_email("ada"); });
  refused([](auto& request) { request.set_email("a..b@example.org"); });
  refused([](auto& request) { request.set_email("ada\x01@example.org"); });
  refused([](auto& request) { request.set_password("too short"); });
  refused([](auto& request) { request.set_password(std::string(1025, 'p')); });
  refused([](auto& request) { request.set_display_name("a\nb"); });
  EXPECT_THAT(world_.Rows("SELECT id FROM members", 1), IsEmpty());
  EXPECT_THAT(world_.Events(), IsEmpty());
}

TEST_F(MembersTest, ShowsTheEmailToItsOwnerOnly) {
  world_.AddMember("ada");
  world_.AddMember("bob");
  for (const char* name : {"members/me", "members/ada"}) {
    const auto own = Get("members/ada", name);
    ASSERT_THAT(own, Succeeds());
    EXPECT_EQ(own->name(), "members/ada");
    EXPECT_EQ(own->email(), "ada@praxis.example");
  }
  for (const char* other : {"members/bob", "services/discussions"}) {
    const auto shown = Get(other, "members/ada");
    ASSERT_THAT(shown, Succeeds());
    EXPECT_EQ(shown->handle(), "ada");
    EXPECT_EQ(shown->email(), "");
  }
}

TEST_F(MembersTest, FindsNobodyWhereNobodyIs) {
  world_.AddMember("ada");
  EXPECT_THAT(Get("members/ada", "members/bob"),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
  // A token that outlived its account.
  EXPECT_THAT(Get("members/gone", "members/me"),
              FailsWith(Reason::RESOURCE_NOT_FOUND));
  EXPECT_THAT(Get("services/discussions", "members/me"),
              FailsWith(Reason::ROLE_INSUFFICIENT));
  EXPECT_THAT(Get("members/ada", "members/../ada"),
              FailsWith(Reason::FIELD_INVALID));
}

TEST_F(MembersTest, ChangesOnesOwnProfileAndAnnouncesIt) {
  world_.AddMember("ada");
  world_.Advance(absl::Seconds(5));
  v1::Member patch = Patch("members/me");
  patch.set_display_name("Ada L.");
  patch.set_bio("Engines\nand notes");
  patch.add_expertise("mathematics");
  const auto updated = Update("members/ada", patch);
  ASSERT_THAT(updated, Succeeds());
  EXPECT_EQ(updated->name(), "members/ada");
  EXPECT_EQ(updated->display_name(), "Ada L.");
  EXPECT_EQ(updated->email(), "ada@praxis.example");
  EXPECT_NE(updated->update_time().SerializeAsString(),
            updated->create_time().SerializeAsString());
  EXPECT_EQ(Get("members/ada", "members/me")->SerializeAsString(),
            updated->SerializeAsString());

  const auto announced = world_.Announced();
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(announced[0].type(), "member.updated");
  EXPECT_EQ(announced[0].actor(), "members/ada");
  EXPECT_THAT(announced[0].SerializeAsString(), Not(HasSubstr("@praxis")));
}

TEST_F(MembersTest, LetsNobodyChangeAnother) {
  world_.AddMember("ada");
  world_.AddMember("bob");
  v1::Member patch = Patch("members/bob");
  patch.set_display_name("Eve");
  EXPECT_THAT(Update("members/ada", patch), FailsWith(Reason::NOT_AUTHOR));
  EXPECT_THAT(Update("services/discussions", patch),
              FailsWith(Reason::NOT_AUTHOR));
  // Nor learn so who is there.
  patch.set_name("members/nobody");
  EXPECT_THAT(Update("members/ada", patch), FailsWith(Reason::NOT_AUTHOR));
  EXPECT_THAT(world_.Events(), IsEmpty());
}

TEST_F(MembersTest, RefusesAStaleEtag) {
  world_.AddMember("ada");
  const auto before = Get("members/ada", "members/me");
  v1::Member patch = Patch("members/ada");
  patch.set_bio("one");
  patch.set_etag(before->etag());
  const auto after = Update("members/ada", patch);
  ASSERT_THAT(after, Succeeds());
  EXPECT_NE(after->etag(), before->etag());
  patch.set_bio("two");
  EXPECT_THAT(Update("members/ada", patch), FailsWith(Reason::ETAG_MISMATCH));
  EXPECT_EQ(Get("members/ada", "members/me")->bio(), "one");
  patch.set_etag(after->etag());
  EXPECT_THAT(Update("members/ada", patch), Succeeds());
}

TEST_F(MembersTest, ChangesNothingThatIsNotThePersonsToChange) {
  world_.AddMember("ada");
  v1::Member patch = Patch("members/ada");
  patch.set_bio("new");
  for (const char* path : {"name", "etag", "create_time", "update_time",
                           "password", "bio.length"}) {
    EXPECT_THAT(Update("members/ada", patch, {path}),
                FailsWith(Reason::MASK_INVALID))
        << path;
  }
  EXPECT_EQ(Get("members/ada", "members/me")->bio(), "");
}

TEST_F(MembersTest, ChangesHandleAndEmailUnlessTheyAreTaken) {
  world_.AddMember("ada");
  world_.AddMember("bob");
  v1::Member patch = Patch("members/ada");
  patch.set_handle("bob");
  EXPECT_THAT(Update("members/ada", patch), FailsWith(Reason::NAME_TAKEN));
  patch.set_handle("ada-l");
  patch.set_email("BOB@praxis.example");
  EXPECT_THAT(Update("members/ada", patch), FailsWith(Reason::NAME_TAKEN));
  patch.set_email("ada@engines.example");
  const auto updated = Update("members/ada", patch);
  ASSERT_THAT(updated, Succeeds());
  EXPECT_EQ(updated->handle(), "ada-l");
  EXPECT_EQ(updated->email(), "ada@engines.example");
}

TEST_F(MembersTest, KeepsAHandleAndAnEmail) {
  world_.AddMember("ada");
  EXPECT_THAT(Update("members/ada", Patch("members/ada"), {"handle"}),
              FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(Update("members/ada", Patch("members/ada"), {"email"}),
              FailsWith(Reason::FIELD_INVALID));
  const auto updated =
      Update("members/ada", Patch("members/ada"), {"display_name"});
  ASSERT_THAT(updated, Succeeds());
  EXPECT_EQ(updated->display_name(), "ada");
}

TEST_F(MembersTest, UpdatesOnceHoweverOftenARequestIsSent) {
  world_.AddMember("ada");
  v1::UpdateMemberRequest request;
  *request.mutable_member() = Patch("members/ada");
  request.mutable_member()->set_bio("new");
  request.set_request_id("r1");
  const auto first = world_.Call<v1::Member>("members/ada", request);
  const auto second = world_.Call<v1::Member>("members/ada", request);
  ASSERT_THAT(first, Succeeds());
  ASSERT_THAT(second, Succeeds());
  EXPECT_EQ(first->etag(), second->etag());
  EXPECT_THAT(world_.Events(), ElementsAre("member.updated members/ada"));
}

}  // namespace
}  // namespace praxis::members
