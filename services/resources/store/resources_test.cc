#include "services/resources/store/resources.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/access/projection.h"
#include "services/common/search/index.h"
#include "services/common/sql/migrate.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"
#include "services/resources/schema/schema.h"

namespace praxis::resources::store {
namespace {

using ::praxis::testing::Succeeds;

// The rest of the store is tested through the handlers.
class ResourceStoreTest : public ::testing::Test {
 protected:
  ResourceStoreTest() : db_(*praxis::testing::OpenTestDatabase()) {
    EXPECT_THAT(sql::Migrate(*db_, {access::ProjectionSchema(),
                                    search::IndexSchema(), ResourcesSchema()}),
                Succeeds());
  }

  void Insert(absl::string_view community, absl::string_view id) {
    EXPECT_THAT(db_->Write([&](sql::Tx& tx) {
      return InsertResource(tx,
                            {.key = {std::string(community), std::string(id)}});
    }),
                Succeeds());
  }
  void GiveContent(absl::string_view community, absl::string_view id,
                   const std::string& sha256) {
    Resource resource{.key = {std::string(community), std::string(id)}};
    resource.content = FileContent{.sha256 = sha256};
    EXPECT_THAT(
        db_->Write([&](sql::Tx& tx) { return UpdateContent(tx, resource); }),
        Succeeds());
  }
  bool IsNamed(absl::string_view sha256) {
    bool named = false;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(named, IsBlobNamed(reader, sha256));
      return absl::OkStatus();
    }),
                Succeeds());
    return named;
  }

  std::unique_ptr<sql::Database> db_;
};

TEST_F(ResourceStoreTest, KnowsWhichBlobsAreNamed) {
  Insert("lean", "r1");
  Insert("six", "r2");
  EXPECT_FALSE(IsNamed("aa"));
  GiveContent("lean", "r1", "aa");
  GiveContent("six", "r2", "aa");
  EXPECT_TRUE(IsNamed("aa"));
  EXPECT_FALSE(IsNamed("bb"));
  // One of the two has another content now, then both have.
  GiveContent("lean", "r1", "bb");
  EXPECT_TRUE(IsNamed("aa"));
  GiveContent("six", "r2", "bb");
  EXPECT_FALSE(IsNamed("aa"));
  EXPECT_TRUE(IsNamed("bb"));
}

}  // namespace
}  // namespace praxis::resources::store
