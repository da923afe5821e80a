#include "services/common/access/readable_scopes.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/access/projection.h"
#include "services/common/access/projection_store.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"

namespace praxis::access {
namespace {

using testing::Succeeds;
using ::testing::UnorderedElementsAreArray;

const std::vector<std::string> kPrincipals = {"", "members/ada", "members/bob",
                                              "members/eve"};

// Every visibility with every role of ada and bob; some scopes removed, some
// that were never made though grants came for them.
class ReadableScopesTest : public ::testing::Test {
 protected:
  ReadableScopesTest() : db_(*testing::OpenTestDatabase()) {
    EXPECT_THAT(sql::Migrate(*db_, {ProjectionSchema()}), Succeeds());
    EXPECT_THAT(db_->Script("CREATE TABLE things (scope TEXT PRIMARY KEY);"),
                Succeeds());
    EXPECT_THAT(db_->Write([this](sql::Tx& tx) { return Fill(tx); }),
                Succeeds());
  }

  absl::Status Fill(sql::Tx& tx) {
    for (int visibility = 0; visibility <= 3; ++visibility) {
      for (int ada = 0; ada <= 4; ++ada) {
        for (int bob : {0, 2}) {
          for (bool removed : {false, true}) {
            const std::string scope =
                absl::StrCat("communities/", visibility, ada, bob, removed);
            RETURN_IF_ERROR(Make(tx, scope, visibility, ada, bob, removed));
          }
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status Make(sql::Tx& tx, const std::string& scope, int visibility,
                    int ada, int bob, bool removed) {
    scopes_.push_back(scope);
    RETURN_IF_ERROR(
        tx.Execute("INSERT INTO things VALUES ($1)", {scope}).status());
    events::v1::Event event;
    event.mutable_access()->set_scope(scope);
    if (visibility > 0) {
      event.mutable_access()->set_visibility(
          static_cast<Visibility>(visibility));
      RETURN_IF_ERROR(ApplyEvent(tx, event));
    }
    for (const auto& [principal, role] :
         {std::pair("members/ada", ada), std::pair("members/bob", bob)}) {
      event.mutable_access()->mutable_grant()->set_principal(principal);
      event.mutable_access()->mutable_grant()->set_role(
          static_cast<Role>(role));
      RETURN_IF_ERROR(ApplyEvent(tx, event));
    }
    if (removed) {
      event.mutable_access()->set_removed(true);
      RETURN_IF_ERROR(ApplyEvent(tx, event));
    }
    return absl::OkStatus();
  }

  std::vector<std::string> Ask(const std::string& sql,
                               const std::string& principal) {
    std::vector<std::string> scopes;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) {
      return reader.Query(sql.c_str(), {principal}, [&](const sql::Row& row) {
        scopes.push_back(row.String(0));
        return absl::OkStatus();
      });
    }),
                Succeeds());
    return scopes;
  }

  // One by one, by the rule itself.
  std::vector<std::string> ByRule(const std::string& principal) {
    std::vector<std::string> readable;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) -> absl::Status {
      for (const std::string& scope : scopes_) {
        ASSIGN_OR_RETURN(const Standing standing,
                         GetStanding(reader, principal, scope));
        if (MayRead(standing)) readable.push_back(scope);
      }
      return absl::OkStatus();
    }),
                Succeeds());
    return readable;
  }

  std::unique_ptr<sql::Database> db_;
  std::vector<std::string> scopes_;
};

TEST_F(ReadableScopesTest, ListsWhatTheRuleAllowsEachOnce) {
  const std::string sql = ReadableScopes("$1");
  for (const std::string& principal : kPrincipals) {
    SCOPED_TRACE(principal);
    EXPECT_THAT(Ask(sql, principal),
                UnorderedElementsAreArray(ByRule(principal)));
  }
}

TEST_F(ReadableScopesTest, FiltersRowsAsTheRuleDoes) {
  const std::string sql = absl::StrCat("SELECT scope FROM things WHERE ",
                                       IsReadable("things.scope", "$1"));
  for (const std::string& principal : kPrincipals) {
    SCOPED_TRACE(principal);
    EXPECT_THAT(Ask(sql, principal),
                UnorderedElementsAreArray(ByRule(principal)));
  }
}

TEST_F(ReadableScopesTest, NamesThemWhileTheyAreFew) {
  const auto few_of = [&](const std::string& principal) {
    std::optional<std::vector<std::string>> few;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(few, ReadableIfFew(reader, principal));
      return absl::OkStatus();
    }),
                Succeeds());
    return few;
  };
  // 10 public ones are few; ada's 26 are many.
  ASSERT_TRUE(few_of("members/eve").has_value());
  EXPECT_THAT(*few_of("members/eve"),
              UnorderedElementsAreArray(ByRule("members/eve")));
  EXPECT_FALSE(few_of("members/ada").has_value());
}

TEST_F(ReadableScopesTest, TellsTheFourPrincipalsApart) {
  // Public ones of 5 x 2; ada also has 4 x 2 private and hidden each; bob 5.
  EXPECT_EQ(ByRule("").size(), 10);
  EXPECT_EQ(ByRule("members/eve").size(), 10);
  EXPECT_EQ(ByRule("members/ada").size(), 10 + 16);
  EXPECT_EQ(ByRule("members/bob").size(), 10 + 10);
}

}  // namespace
}  // namespace praxis::access
