#include "services/members/domain/membership.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::members {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;

constexpr Role kRoles[] = {Role::kObserver, Role::kMember, Role::kModerator,
                           Role::kOwner};
// What a rule answers in the tables below.
constexpr Reason kOk = Reason::REASON_UNSPECIFIED;
constexpr Reason kRole = Reason::ROLE_INSUFFICIENT;
constexpr Reason kLast = Reason::LAST_OWNER;

Membership Of(const char* member, Role role) {
  return {.community = "lean", .member = member, .role = role};
}

TEST(MayJoinTest, OnlyAnOpenCommunityIsJoinedByOneself) {
  EXPECT_THAT(MayJoin(JoinPolicy::kOpen), Succeeds());
  EXPECT_THAT(MayJoin(JoinPolicy::kRequest), FailsWith(Reason::JOIN_CLOSED));
  EXPECT_THAT(MayJoin(JoinPolicy::kInvite), FailsWith(Reason::JOIN_CLOSED));
}

TEST(MayChangeRoleTest, OnlyOwnersDo) {
  for (const Role target : kRoles) {
    for (const Role role : kRoles) {
      for (const Role actor :
           {Role::kNone, Role::kObserver, Role::kMember, Role::kModerator}) {
        EXPECT_THAT(MayChangeRole(actor, Of("bob", target), role, 2),
                    FailsWith(kRole));
      }
      EXPECT_THAT(MayChangeRole(Role::kOwner, Of("bob", target), role, 2),
                  Succeeds());
    }
  }
}

TEST(MayChangeRoleTest, KeepsTheLastOwner) {
  const Membership last = Of("ada", Role::kOwner);
  for (const Role role : {Role::kObserver, Role::kMember, Role::kModerator}) {
    EXPECT_THAT(MayChangeRole(Role::kOwner, last, role, 1), FailsWith(kLast));
    EXPECT_THAT(MayChangeRole(Role::kOwner, last, role, 2), Succeeds());
  }
  EXPECT_THAT(MayChangeRole(Role::kOwner, last, Role::kOwner, 1), Succeeds());
  EXPECT_THAT(
      MayChangeRole(Role::kOwner, Of("bob", Role::kMember), Role::kOwner, 1),
      Succeeds());
}

TEST(MayRemoveOthersTest, ModeratorsAndOwnersDo) {
  EXPECT_THAT(MayRemoveOthers(Role::kNone), FailsWith(kRole));
  EXPECT_THAT(MayRemoveOthers(Role::kObserver), FailsWith(kRole));
  EXPECT_THAT(MayRemoveOthers(Role::kMember), FailsWith(kRole));
  EXPECT_THAT(MayRemoveOthers(Role::kModerator), Succeeds());
  EXPECT_THAT(MayRemoveOthers(Role::kOwner), Succeeds());
}

TEST(MayRemoveTest, ModeratorsRemoveThoseBelowAndOwnersAnyone) {
  // Who removes, and what becomes of an observer, a member, a moderator, an
  // owner who is one of two.
  const struct {
    Role actor;
    std::vector<Reason> verdicts;
  } kTable[] = {
      {Role::kObserver, {kRole, kRole, kRole, kRole}},
      {Role::kMember, {kRole, kRole, kRole, kRole}},
      {Role::kModerator, {kOk, kOk, kRole, kRole}},
      {Role::kOwner, {kOk, kOk, kOk, kOk}},
  };
  for (const auto& row : kTable) {
    for (int i = 0; i < 4; ++i) {
      const absl::Status verdict =
          MayRemove(Of("ada", row.actor), Of("bob", kRoles[i]), 2);
      EXPECT_EQ(ReasonOf(verdict), row.verdicts[i]) << verdict;
      EXPECT_EQ(verdict.ok(), row.verdicts[i] == kOk);
    }
  }
}

TEST(MayRemoveTest, AnyoneLeavesButTheLastOwner) {
  for (const Role role : kRoles) {
    EXPECT_THAT(MayRemove(Of("ada", role), Of("ada", role), 2), Succeeds());
  }
  EXPECT_THAT(
      MayRemove(Of("ada", Role::kObserver), Of("ada", Role::kObserver), 1),
      Succeeds());
  EXPECT_THAT(MayRemove(Of("ada", Role::kOwner), Of("ada", Role::kOwner), 1),
              FailsWith(kLast));
}

}  // namespace
}  // namespace praxis::members
