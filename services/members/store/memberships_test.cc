#include "services/members/store/memberships.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"
#include "services/members/testing/store_database.h"
#include "services/members/testing/together.h"

namespace praxis::members::store {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MembershipStoreTest : public StoreTest {
 protected:
  // Joined so many seconds after now_.
  Membership Of(const std::string& member, Role role, int joined = 0) {
    return {.community = "lean",
            .member = member,
            .role = role,
            .create_time = now_ + absl::Seconds(joined),
            .update_time = now_ + absl::Hours(1),
            .version = 3};
  }
  void Add(const Membership& membership) {
    ASSERT_THAT(
        Write([&](sql::Tx& tx) { return InsertMembership(tx, membership); }),
        Succeeds());
  }
  absl::StatusOr<Membership> Get(absl::string_view member) {
    return Read([&](sql::Reader& reader) {
      return GetMembership(reader, "lean", member);
    });
  }
  std::vector<Membership> List(absl::string_view after, int limit) {
    return *Read([&](sql::Reader& reader) {
      return ListMemberships(reader, "lean", after, limit);
    });
  }
  static std::vector<std::string> Who(const std::vector<Membership>& list) {
    std::vector<std::string> members;
    for (const Membership& membership : list) {
      members.push_back(membership.member);
    }
    return members;
  }
  int Owners(absl::string_view community) {
    int owners = 0;
    EXPECT_THAT(Write([&](sql::Tx& tx) -> absl::Status {
                  ASSIGN_OR_RETURN(owners, CountOwners(tx, community));
                  return absl::OkStatus();
                }),
                Succeeds());
    return owners;
  }
};

TEST_F(MembershipStoreTest, GivesBackWhatWasInserted) {
  for (const Role role :
       {Role::kObserver, Role::kMember, Role::kModerator, Role::kOwner}) {
    const std::string member = "m" + std::to_string(static_cast<int>(role));
    Add(Of(member, role, 5));
    const absl::StatusOr<Membership> read = Get(member);
    ASSERT_THAT(read, Succeeds());
    EXPECT_EQ(read->community, "lean");
    EXPECT_EQ(read->member, member);
    EXPECT_EQ(read->role, role);
    EXPECT_EQ(read->create_time, now_ + absl::Seconds(5));
    EXPECT_EQ(read->update_time, now_ + absl::Hours(1));
    EXPECT_EQ(read->version, 3);
  }
  EXPECT_THAT(Get("eve"), FailsWith(Reason::RESOURCE_NOT_FOUND));
}

TEST_F(MembershipStoreTest, HoldsOnePlaceForEachPerson) {
  Add(Of("ada", Role::kOwner));
  EXPECT_THAT(Write([&](sql::Tx& tx) {
                return InsertMembership(tx, Of("ada", Role::kMember));
              }),
              FailsWith(Reason::NAME_TAKEN));
  EXPECT_EQ(Get("ada")->role, Role::kOwner);
}

TEST_F(MembershipStoreTest, LocksWhatItFinds) {
  Add(Of("ada", Role::kModerator));
  const auto lock = [&](absl::string_view member) {
    std::optional<Membership> locked;
    EXPECT_THAT(Write([&](sql::Tx& tx) -> absl::Status {
                  ASSIGN_OR_RETURN(locked, LockMembership(tx, "lean", member));
                  return absl::OkStatus();
                }),
                Succeeds());
    return locked;
  };
  EXPECT_EQ(lock("ada")->role, Role::kModerator);
  EXPECT_EQ(lock("ada")->version, 3);
  EXPECT_FALSE(lock("eve").has_value());
}

// Each is an owner that leaves if another one stays: whatever runs at once, one
// of them stays.
TEST_F(MembershipStoreTest, KeepsAnOwnerWhenAllLeaveAtOnce) {
  constexpr int kOwners = 8;
  for (int i = 0; i < kOwners; ++i) {
    Add(Of("m" + std::to_string(i), Role::kOwner, i % 3));
  }
  const std::vector<absl::Status> left = Together(kOwners, [&](int i) {
    return Write([&](sql::Tx& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const int owners, CountOwners(tx, "lean"));
      if (owners < 2) return Error(Reason::LAST_OWNER, "Stay.");
      return DeleteMembership(tx, Of("m" + std::to_string(i), Role::kOwner));
    });
  });
  EXPECT_EQ(CountOk(left), kOwners - 1);
  EXPECT_EQ(Owners("lean"), 1);
}

TEST_F(MembershipStoreTest, ListsByRoleThenByTimeOfJoiningThenById) {
  Add(Of("zoe", Role::kObserver, 1));
  Add(Of("yan", Role::kMember, 9));
  Add(Of("bob", Role::kMember, 2));
  Add(Of("ann", Role::kMember, 2));
  Add(Of("mod", Role::kModerator, 8));
  Add(Of("ada", Role::kOwner, 7));
  Add({.community = "agile", .member = "eve", .role = Role::kOwner});
  EXPECT_THAT(Who(List("", 10)),
              ElementsAre("ada", "mod", "ann", "bob", "yan", "zoe"));
}

TEST_F(MembershipStoreTest, ListsOnFromEveryPlace) {
  const std::vector<std::string> order = {"ada", "mod", "ann", "bob", "zoe"};
  Add(Of("ada", Role::kOwner));
  Add(Of("mod", Role::kModerator));
  Add(Of("ann", Role::kMember));
  Add(Of("bob", Role::kMember));
  Add(Of("zoe", Role::kObserver));
  std::string after;
  std::vector<std::string> walked;
  for (size_t i = 0; i < order.size(); ++i) {
    const std::vector<Membership> page = List(after, 1);
    ASSERT_EQ(page.size(), 1u);
    walked.push_back(page[0].member);
    after = PlaceOf(page[0]);
  }
  EXPECT_EQ(walked, order);
  EXPECT_THAT(List(after, 1), IsEmpty());
}

TEST_F(MembershipStoreTest, CountsOwnersToTwo) {
  EXPECT_EQ(Owners("lean"), 0);
  Add(Of("ada", Role::kOwner));
  Add(Of("mod", Role::kModerator));
  EXPECT_EQ(Owners("lean"), 1);
  Add(Of("bob", Role::kOwner));
  EXPECT_EQ(Owners("lean"), 2);
  Add(Of("eve", Role::kOwner));
  EXPECT_EQ(Owners("lean"), 2);
  EXPECT_EQ(Owners("agile"), 0);
}

TEST_F(MembershipStoreTest, ChangesAndDeletesOneMembership) {
  Add(Of("ada", Role::kOwner));
  Add(Of("bob", Role::kMember));
  Membership bob = Of("bob", Role::kOwner);
  bob.update_time = now_ + absl::Hours(2);
  bob.version = 4;
  ASSERT_THAT(Write([&](sql::Tx& tx) { return UpdateMembership(tx, bob); }),
              Succeeds());
  EXPECT_EQ(Get("bob")->role, Role::kOwner);
  EXPECT_EQ(Get("bob")->update_time, now_ + absl::Hours(2));
  EXPECT_EQ(Get("bob")->version, 4);
  EXPECT_EQ(Get("ada")->version, 3);

  ASSERT_THAT(Write([&](sql::Tx& tx) { return DeleteMembership(tx, bob); }),
              Succeeds());
  EXPECT_THAT(Get("bob"), FailsWith(Reason::RESOURCE_NOT_FOUND));
  EXPECT_EQ(Get("ada")->role, Role::kOwner);
}

}  // namespace
}  // namespace praxis::members::store
