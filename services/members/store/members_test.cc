#include "services/members/store/members.h"

#include "gmock/gmock.h"
#include "services/common/testing/matchers.h"
#include "services/members/testing/store_database.h"

namespace praxis::members::store {
namespace {

using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MemberStoreTest : public StoreTest {
 protected:
  Member Person(const std::string& id) {
    return {.id = id,
            .handle = id,
            .display_name = "The " + id,
            .email = id + "@Example.org",
            .organisation = "Engines",
            .bio = "one\ntwo",
            .expertise = {"a", "b c"},
            .create_time = now_,
            .update_time = now_ + absl::Seconds(1),
            .version = 4};
  }
  absl::Status Insert(const Member& member) {
    return Write([&](sql::Tx& tx) {
      return InsertMember(tx, member, "hash of " + member.id);
    });
  }
  absl::StatusOr<Member> Get(absl::string_view id) {
    return Read([&](sql::Reader& reader) { return GetMember(reader, id); });
  }
  absl::Status NamesFree(const Member& member) {
    return db_->Read(
        [&](sql::Reader& reader) { return CheckNamesFree(reader, member); });
  }
};

TEST_F(MemberStoreTest, GivesBackWhatWasInserted) {
  ASSERT_THAT(Insert(Person("ada")), Succeeds());
  const absl::StatusOr<Member> ada = Get("ada");
  ASSERT_THAT(ada, Succeeds());
  EXPECT_EQ(ada->id, "ada");
  EXPECT_EQ(ada->handle, "ada");
  EXPECT_EQ(ada->display_name, "The ada");
  EXPECT_EQ(ada->email, "ada@Example.org");
  EXPECT_EQ(ada->organisation, "Engines");
  EXPECT_EQ(ada->bio, "one\ntwo");
  EXPECT_THAT(ada->expertise, ElementsAre("a", "b c"));
  EXPECT_EQ(ada->create_time, now_);
  EXPECT_EQ(ada->update_time, now_ + absl::Seconds(1));
  EXPECT_EQ(ada->version, 4);
}

TEST_F(MemberStoreTest, TellsWhoIsThere) {
  ASSERT_THAT(Insert(Person("ada")), Succeeds());
  const auto has = [&](absl::string_view id) {
    return *Read([&](sql::Reader& reader) { return HasMember(reader, id); });
  };
  EXPECT_TRUE(has("ada"));
  EXPECT_FALSE(has("bob"));
  EXPECT_FALSE(has(""));
  EXPECT_THAT(Get("bob"), FailsWith(Reason::RESOURCE_NOT_FOUND));
}

TEST_F(MemberStoreTest, FindsTheAccountOfAHandle) {
  ASSERT_THAT(Insert(Person("ada")), Succeeds());
  const auto find = [&](absl::string_view handle) {
    return *Read(
        [&](sql::Reader& reader) { return FindAccount(reader, handle); });
  };
  ASSERT_TRUE(find("ada").has_value());
  EXPECT_EQ(find("ada")->member, "ada");
  EXPECT_EQ(find("ada")->password_hash, "hash of ada");
  EXPECT_FALSE(find("bob").has_value());
  EXPECT_FALSE(find("ad' OR '1'='1").has_value());
}

TEST_F(MemberStoreTest, TellsWhichNameIsTaken) {
  ASSERT_THAT(Insert(Person("ada")), Succeeds());
  EXPECT_THAT(NamesFree(Person("bob")), Succeeds());

  Member same_handle = Person("bob");
  same_handle.handle = "ada";
  EXPECT_THAT(NamesFree(same_handle), FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(std::string(NamesFree(same_handle).message()),
              HasSubstr("handle"));

  Member same_email = Person("bob");
  same_email.email = "ADA@example.ORG";
  EXPECT_THAT(NamesFree(same_email), FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(std::string(NamesFree(same_email).message()), HasSubstr("email"));

  // One's own are not taken.
  EXPECT_THAT(NamesFree(Person("ada")), Succeeds());
}

TEST_F(MemberStoreTest, NeverHoldsTwoOfOneNameWhateverWasAsked) {
  ASSERT_THAT(Insert(Person("ada")), Succeeds());
  Member same_handle = Person("bob");
  same_handle.handle = "ada";
  EXPECT_THAT(Insert(same_handle), FailsWith(Reason::NAME_TAKEN));
  Member same_email = Person("bob");
  same_email.email = "ADA@example.org";
  EXPECT_THAT(Insert(same_email), FailsWith(Reason::NAME_TAKEN));
  EXPECT_THAT(Get("bob"), FailsWith(Reason::RESOURCE_NOT_FOUND));
}

TEST_F(MemberStoreTest, OverwritesOneMember) {
  ASSERT_THAT(Insert(Person("ada")), Succeeds());
  ASSERT_THAT(Insert(Person("bob")), Succeeds());
  Member ada = Person("ada");
  ada.handle = "ada2";
  ada.display_name = "A";
  ada.email = "new@example.org";
  ada.organisation = "";
  ada.bio = "";
  ada.expertise = {};
  ada.update_time = now_ + absl::Hours(1);
  ada.version = 5;
  ASSERT_THAT(Write([&](sql::Tx& tx) { return UpdateMember(tx, ada); }),
              Succeeds());
  const absl::StatusOr<Member> read = Get("ada");
  ASSERT_THAT(read, Succeeds());
  EXPECT_EQ(read->handle, "ada2");
  EXPECT_EQ(read->display_name, "A");
  EXPECT_EQ(read->email, "new@example.org");
  EXPECT_EQ(read->organisation, "");
  EXPECT_EQ(read->bio, "");
  EXPECT_THAT(read->expertise, ElementsAre());
  EXPECT_EQ(read->create_time, now_);
  EXPECT_EQ(read->update_time, now_ + absl::Hours(1));
  EXPECT_EQ(read->version, 5);
  EXPECT_EQ(Get("bob")->handle, "bob");

  // The old names are free again, the new ones are not.
  Member eve = Person("eve");
  eve.handle = "ada";
  EXPECT_THAT(NamesFree(eve), Succeeds());
  eve.email = "NEW@example.org";
  EXPECT_THAT(NamesFree(eve), FailsWith(Reason::NAME_TAKEN));
}

}  // namespace
}  // namespace praxis::members::store
