#include "services/common/access/access.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::access {
namespace {

using options::v1::Access;
using testing::FailsWith;
using testing::Succeeds;

// Roles from none to OWNER, then what a newer service may send.
const std::vector<Role> kRoles = {
    static_cast<Role>(-1), events::v1::ROLE_UNSPECIFIED, events::v1::OBSERVER,
    events::v1::MEMBER,    events::v1::MODERATOR,        events::v1::OWNER,
    static_cast<Role>(5)};
const std::vector<Visibility> kVisibilities = {
    events::v1::VISIBILITY_UNSPECIFIED, events::v1::PUBLIC, events::v1::PRIVATE,
    events::v1::HIDDEN, static_cast<Visibility>(9)};

// A row for each visibility, a column for each of kRoles: 'r' reads, 's' sees
// only, '.' neither.
const std::map<Visibility, std::string> kSight = {
    {events::v1::VISIBILITY_UNSPECIFIED, "......."},
    {events::v1::PUBLIC, "rrrrrrr"},
    {events::v1::PRIVATE, "ssrrrrr"},
    {events::v1::HIDDEN, "..rrrrr"},
    {static_cast<Visibility>(9), "..rrrrr"},
};

TEST(AccessTest, ShowsAScopeByItsVisibilityAndTheRole) {
  for (const Visibility visibility : kVisibilities) {
    for (size_t i = 0; i < kRoles.size(); ++i) {
      const Standing standing = {visibility, kRoles[i]};
      const char sight = kSight.at(visibility)[i];
      SCOPED_TRACE(std::to_string(visibility) + "/" +
                   std::to_string(kRoles[i]));
      EXPECT_EQ(MayRead(standing), sight == 'r');
      EXPECT_EQ(MaySee(standing), sight != '.');
    }
  }
}

TEST(AccessTest, ShowsNothingByDefault) {
  EXPECT_FALSE(MayRead(Standing{}));
  EXPECT_FALSE(MaySee(Standing{}));
}

// What each access asks of a scope that is seen, in the words of options.proto:
// '+' allowed, '-' not, by role as in kRoles; first in a PUBLIC scope, then in
// a PRIVATE one, then a HIDDEN one ('.' is not found).
struct Verdicts {
  Access wanted;
  std::string in_public;
  std::string in_private;
  std::string in_hidden;
};
const std::vector<Verdicts> kVerdicts = {
    {options::v1::READER, "+++++++", "--+++++", "..+++++"},
    {options::v1::VIEWER, "+++++++", "+++++++", "..+++++"},
    {options::v1::OBSERVER, "--+++++", "--+++++", "..+++++"},
    {options::v1::MEMBER, "---++++", "---++++", "..-++++"},
    {options::v1::MODERATOR, "----+++", "----+++", "..--+++"},
    {options::v1::OWNER, "-----++", "-----++", "..---++"},
};

void ExpectVerdict(const absl::Status& status, char verdict, bool signed_in) {
  switch (verdict) {
    case '+':
      EXPECT_THAT(status, Succeeds());
      break;
    case '-':
      EXPECT_THAT(status, FailsWith(signed_in ? Reason::ROLE_INSUFFICIENT
                                              : Reason::TOKEN_MISSING));
      break;
    default:
      EXPECT_THAT(status, FailsWith(Reason::RESOURCE_NOT_FOUND));
  }
}

TEST(AccessTest, JudgesEveryAccessByVisibilityRoleAndSignIn) {
  for (const Verdicts& row : kVerdicts) {
    const std::map<Visibility, std::string> by_visibility = {
        {events::v1::VISIBILITY_UNSPECIFIED, "......."},
        {events::v1::PUBLIC, row.in_public},
        {events::v1::PRIVATE, row.in_private},
        {events::v1::HIDDEN, row.in_hidden},
        {static_cast<Visibility>(9), row.in_hidden},
    };
    for (const Visibility visibility : kVisibilities) {
      for (size_t i = 0; i < kRoles.size(); ++i) {
        for (const bool signed_in : {false, true}) {
          SCOPED_TRACE(options::v1::Access_Name(row.wanted) + " " +
                       std::to_string(visibility) + "/" +
                       std::to_string(kRoles[i]));
          ExpectVerdict(MayCall(row.wanted, {visibility, kRoles[i]}, signed_in),
                        by_visibility.at(visibility)[i], signed_in);
        }
      }
    }
  }
}

TEST(AccessTest, AsksNoStandingWhereThePolicyAsksForNone) {
  for (const Visibility visibility : kVisibilities) {
    for (const Role role : kRoles) {
      const Standing standing = {visibility, role};
      EXPECT_THAT(MayCall(options::v1::ANYONE, standing, false), Succeeds());
      EXPECT_THAT(MayCall(options::v1::ANYONE, standing, true), Succeeds());
      EXPECT_THAT(MayCall(options::v1::SIGNED_IN, standing, true), Succeeds());
      EXPECT_THAT(MayCall(options::v1::SIGNED_IN, standing, false),
                  FailsWith(Reason::TOKEN_MISSING));
      for (const Access closed :
           {options::v1::SERVICE, options::v1::ACCESS_UNSPECIFIED,
            static_cast<Access>(77)}) {
        EXPECT_FALSE(MayCall(closed, standing, true).ok());
        EXPECT_FALSE(MayCall(closed, standing, false).ok());
      }
    }
  }
}

TEST(AccessTest, CoversEveryAccessThatIsDeclared) {
  EXPECT_EQ(options::v1::Access_MAX, options::v1::SERVICE);
  EXPECT_EQ(kVerdicts.size() + 4, options::v1::Access_ARRAYSIZE);
}

TEST(AccessTest, AnswersAHiddenScopeLikeOneThatDoesNotExist) {
  for (const Verdicts& row : kVerdicts) {
    EXPECT_EQ(MayCall(row.wanted, {.visibility = events::v1::HIDDEN}, true),
              MayCall(row.wanted, {}, true));
  }
}

}  // namespace
}  // namespace praxis::access
