// Who may call what: every RPC, each kind of caller, each visibility.
#include <array>
#include <functional>
#include <set>
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
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/members/testing/world.h"

namespace praxis::members {
namespace {

// What the tables say, by a short name.
constexpr Reason ok = Reason::REASON_UNSPECIFIED;
constexpr Reason token = Reason::TOKEN_MISSING;
constexpr Reason role = Reason::ROLE_INSUFFICIENT;
constexpr Reason none = Reason::RESOURCE_NOT_FOUND;
constexpr Reason author = Reason::NOT_AUTHOR;
constexpr Reason closed = Reason::JOIN_CLOSED;
constexpr Reason wrong = Reason::CREDENTIALS_INVALID;
constexpr Reason bad = Reason::TOKEN_INVALID;

// The columns of the tables. The last four belong to the community.
constexpr std::array<const char*, 7> kCallers = {"",
                                                 "services/discussions",
                                                 "members/eve",
                                                 "members/oda",
                                                 "members/bob",
                                                 "members/mod",
                                                 "members/ada"};

// A call as `as` on or about the community `id`.
using Attempt = std::function<absl::Status(World& world, absl::string_view as,
                                           const std::string& id)>;

struct Row {
  const char* visibility;
  //        anyone, service, stranger, observer, member, moderator, owner
  std::array<Reason, 7> verdicts;
};

struct Table {
  const char* method;
  Attempt attempt;
  std::vector<Row> rows;
};

std::string MembershipNameOf(const std::string& id, const char* member) {
  return absl::StrCat("communities/", id, "/memberships/", member);
}

// --- One attempt for each method. ---

absl::Status RegisterMember(World& world, absl::string_view as,
                            const std::string& id) {
  v1::RegisterMemberRequest request;
  request.set_handle(id);
  request.set_email(absl::StrCat(id, "@example.org"));
  request.set_password("correct horse battery");
  return world.Call<v1::RegisterMemberResponse>(as, request).status();
}

Attempt GetMember(const char* name) {
  return [name](World& world, absl::string_view as, const std::string&) {
    v1::GetMemberRequest request;
    request.set_name(name);
    return world.Call<v1::Member>(as, request).status();
  };
}

Attempt UpdateMember(const char* name) {
  return [name](World& world, absl::string_view as, const std::string& id) {
    v1::UpdateMemberRequest request;
    request.mutable_member()->set_name(name);
    request.mutable_member()->set_bio(id);
    return world.Call<v1::Member>(as, request).status();
  };
}

absl::Status CreateSession(World& world, absl::string_view as,
                           const std::string& id) {
  v1::CreateSessionRequest request;
  request.set_handle(id);
  request.set_password("correct horse battery");
  return world.Call<v1::SessionTokens>(as, request).status();
}

absl::Status RefreshSession(World& world, absl::string_view as,
                            const std::string& id) {
  v1::RefreshSessionRequest request;
  request.set_refresh_token(id);
  return world.Call<v1::SessionTokens>(as, request).status();
}

// A person's standing gives no right to a service's token.
absl::Status ExchangeToken(World& world, absl::string_view as,
                           const std::string& id) {
  v1::ExchangeTokenRequest request;
  request.set_subject_token_type("urn:praxis:token-type:service-credential");
  request.set_subject_token(absl::StrCat("services/gateway:", id));
  return world.Call<v1::ExchangeTokenResponse>(as, request).status();
}

absl::Status GetJwks(World& world, absl::string_view as, const std::string&) {
  return world.Call<v1::Jwks>(as, v1::GetJwksRequest()).status();
}

absl::Status CreateCommunity(World& world, absl::string_view as,
                             const std::string& id) {
  v1::CreateCommunityRequest request;
  request.set_community_id(absl::StrCat("new-", id));
  request.mutable_community()->set_display_name("New");
  return world.Call<v1::Community>(as, request).status();
}

absl::Status GetCommunity(World& world, absl::string_view as,
                          const std::string& id) {
  v1::GetCommunityRequest request;
  request.set_name(absl::StrCat("communities/", id));
  return world.Call<v1::Community>(as, request).status();
}

// Being in the list, rather than being allowed to ask for it.
absl::Status ListCommunities(World& world, absl::string_view as,
                             const std::string& id) {
  v1::ListCommunitiesRequest request;
  request.set_page_size(200);
  do {
    const auto page = world.Call<v1::ListCommunitiesResponse>(as, request);
    if (!page.ok()) return page.status();
    for (const v1::Community& community : page->communities()) {
      if (community.name() == absl::StrCat("communities/", id)) {
        return absl::OkStatus();
      }
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return Error(none, "not in the list");
}

absl::Status UpdateCommunity(World& world, absl::string_view as,
                             const std::string& id) {
  v1::UpdateCommunityRequest request;
  request.mutable_community()->set_name(absl::StrCat("communities/", id));
  request.mutable_community()->set_domain("Flow");
  return world.Call<v1::Community>(as, request).status();
}

absl::Status CreateMembership(World& world, absl::string_view as,
                              const std::string& id) {
  v1::CreateMembershipRequest request;
  request.set_parent(absl::StrCat("communities/", id));
  return world.Call<v1::Membership>(as, request).status();
}

absl::Status GetMembership(World& world, absl::string_view as,
                           const std::string& id) {
  v1::GetMembershipRequest request;
  request.set_name(MembershipNameOf(id, "bob"));
  return world.Call<v1::Membership>(as, request).status();
}

absl::Status ListMemberships(World& world, absl::string_view as,
                             const std::string& id) {
  v1::ListMembershipsRequest request;
  request.set_parent(absl::StrCat("communities/", id));
  return world.Call<v1::ListMembershipsResponse>(as, request).status();
}

absl::Status UpdateMembership(World& world, absl::string_view as,
                              const std::string& id) {
  v1::UpdateMembershipRequest request;
  request.mutable_membership()->set_name(MembershipNameOf(id, "kim"));
  request.mutable_membership()->set_role(events::v1::OWNER);
  return world.Call<v1::Membership>(as, request).status();
}

Attempt DeleteMembership(const char* member) {
  return [member](World& world, absl::string_view as, const std::string& id) {
    v1::DeleteMembershipRequest request;
    request.set_name(MembershipNameOf(id, member));
    return world.Call<v1::DeleteMembershipResponse>(as, request).status();
  };
}

// --- What becomes of each. ---

// Methods about no community: what one is in it makes no difference.
std::vector<Table> UnscopedTables() {
  return {
      {"RegisterMember", RegisterMember, {{"-", {ok, ok, ok, ok, ok, ok, ok}}}},
      {"GetMember",
       GetMember("members/bob"),
       {{"-", {token, ok, ok, ok, ok, ok, ok}}}},
      {"GetMember",
       GetMember("members/me"),
       {{"-", {token, role, ok, ok, ok, ok, ok}}}},
      {"UpdateMember",
       UpdateMember("members/kim"),
       {{"-", {token, author, author, author, author, author, author}}}},
      {"UpdateMember",
       UpdateMember("members/nobody"),
       {{"-", {token, author, author, author, author, author, author}}}},
      {"UpdateMember",
       UpdateMember("members/me"),
       {{"-", {token, role, ok, ok, ok, ok, ok}}}},
      {"CreateSession",
       CreateSession,
       {{"-", {wrong, wrong, wrong, wrong, wrong, wrong, wrong}}}},
      {"RefreshSession",
       RefreshSession,
       {{"-", {bad, bad, bad, bad, bad, bad, bad}}}},
      {"ExchangeToken",
       ExchangeToken,
       {{"-", {bad, bad, bad, bad, bad, bad, bad}}}},
      {"GetJwks", GetJwks, {{"-", {ok, ok, ok, ok, ok, ok, ok}}}},
      {"CreateCommunity",
       CreateCommunity,
       {{"-", {token, role, ok, ok, ok, ok, ok}}}},
  };
}

// In an absent community nobody is anything, so there the last four columns are
// strangers as well.
std::vector<Table> ScopedTables() {
  return {
      {"GetCommunity",
       GetCommunity,
       {{"public", {ok, ok, ok, ok, ok, ok, ok}},
        {"private", {ok, ok, ok, ok, ok, ok, ok}},
        {"hidden", {none, none, none, ok, ok, ok, ok}},
        {"absent", {none, none, none, none, none, none, none}}}},
      {"ListCommunities",
       ListCommunities,
       {{"public", {ok, ok, ok, ok, ok, ok, ok}},
        {"private", {ok, ok, ok, ok, ok, ok, ok}},
        {"hidden", {none, none, none, ok, ok, ok, ok}},
        {"absent", {none, none, none, none, none, none, none}}}},
      {"UpdateCommunity",
       UpdateCommunity,
       {{"public", {token, role, role, role, role, role, ok}},
        {"private", {token, role, role, role, role, role, ok}},
        {"hidden", {token, none, none, role, role, role, ok}},
        {"absent", {token, none, none, none, none, none, none}}}},
      // Open ones, and below one that is not.
      {"CreateMembership",
       CreateMembership,
       {{"public", {token, role, ok, ok, ok, ok, ok}},
        {"private", {token, role, ok, ok, ok, ok, ok}},
        {"hidden", {none, none, none, ok, ok, ok, ok}},
        {"absent", {none, none, none, none, none, none, none}},
        {"by request", {token, role, closed, ok, ok, ok, ok}},
        {"by invitation", {token, role, closed, ok, ok, ok, ok}}}},
      {"GetMembership",
       GetMembership,
       {{"public", {ok, ok, ok, ok, ok, ok, ok}},
        {"private", {token, role, role, ok, ok, ok, ok}},
        {"hidden", {none, none, none, ok, ok, ok, ok}},
        {"absent", {none, none, none, none, none, none, none}}}},
      {"ListMemberships",
       ListMemberships,
       {{"public", {ok, ok, ok, ok, ok, ok, ok}},
        {"private", {token, role, role, ok, ok, ok, ok}},
        {"hidden", {none, none, none, ok, ok, ok, ok}},
        {"absent", {none, none, none, none, none, none, none}}}},
      {"UpdateMembership",
       UpdateMembership,
       {{"public", {token, role, role, role, role, role, ok}},
        {"private", {token, role, role, role, role, role, ok}},
        {"hidden", {token, none, none, role, role, role, ok}},
        {"absent", {token, none, none, none, none, none, none}}}},
      {"DeleteMembership",
       DeleteMembership("kim"),
       {{"public", {token, role, role, role, role, ok, ok}},
        {"private", {token, role, role, role, role, ok, ok}},
        {"hidden", {token, none, none, role, role, ok, ok}},
        {"absent", {token, none, none, none, none, none, none}}}},
      // Kim is a member; Zoe is another owner.
      {"DeleteMembership",
       DeleteMembership("zoe"),
       {{"public", {token, role, role, role, role, role, ok}},
        {"private", {token, role, role, role, role, role, ok}},
        {"hidden", {token, none, none, role, role, role, ok}},
        {"absent", {token, none, none, none, none, none, none}}}},
      {"DeleteMembership",
       DeleteMembership("me"),
       {{"public", {token, role, role, ok, ok, ok, ok}},
        {"private", {token, role, role, ok, ok, ok, ok}},
        {"hidden", {token, none, none, ok, ok, ok, ok}},
        {"absent", {token, none, none, none, none, none, none}}}},
  };
}

// One world; each cell of a table has a community of its own.
class PermissionsTest : public ::testing::Test {
 protected:
  PermissionsTest() {
    for (const char* person :
         {"ada", "zoe", "mod", "bob", "kim", "oda", "eve"}) {
      world_.AddMember(person);
    }
  }

  void Found(const std::string& id, const std::string& visibility) {
    if (visibility == "absent" || visibility == "-") return;
    world_.AddCommunity(id,
                        visibility == "private"  ? Visibility::kPrivate
                        : visibility == "hidden" ? Visibility::kHidden
                                                 : Visibility::kPublic,
                        visibility == "by request"      ? JoinPolicy::kRequest
                        : visibility == "by invitation" ? JoinPolicy::kInvite
                                                        : JoinPolicy::kOpen);
    world_.AddMembership(id, "ada", Role::kOwner);
    world_.AddMembership(id, "zoe", Role::kOwner);
    world_.AddMembership(id, "mod", Role::kModerator);
    world_.AddMembership(id, "bob", Role::kMember);
    world_.AddMembership(id, "kim", Role::kMember);
    world_.AddMembership(id, "oda", Role::kObserver);
  }

  void Walk(const std::vector<Table>& tables) {
    for (const Table& table : tables) {
      for (const Row& row : table.rows) {
        for (size_t i = 0; i < kCallers.size(); ++i) {
          const std::string id = absl::StrCat("cell-", ++cells_);
          Found(id, row.visibility);
          const absl::Status verdict = table.attempt(world_, kCallers[i], id);
          EXPECT_EQ(verdict.ok(), row.verdicts[i] == ok)
              << table.method << ", " << row.visibility << ", as \""
              << kCallers[i] << "\": " << verdict;
          EXPECT_EQ(errors::v1::Reason_Name(ReasonOf(verdict)),
                    errors::v1::Reason_Name(row.verdicts[i]))
              << table.method << ", " << row.visibility << ", as \""
              << kCallers[i] << "\"";
        }
      }
    }
  }

  World world_;
  int cells_ = 0;
};

TEST_F(PermissionsTest, HoldOutsideOfCommunities) { Walk(UnscopedTables()); }

TEST_F(PermissionsTest, HoldInEveryCommunityForEveryRole) {
  Walk(ScopedTables());
}

TEST_F(PermissionsTest, AreLaidDownForEveryMethod) {
  std::set<std::string> listed;
  for (const Table& table : UnscopedTables()) listed.insert(table.method);
  for (const Table& table : ScopedTables()) listed.insert(table.method);
  std::set<std::string> served;
  for (const auto* service : world_.server().pipeline().methods().Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      served.insert(service->method(i)->name());
    }
  }
  EXPECT_EQ(listed, served);
}

}  // namespace
}  // namespace praxis::members
