#include "services/resources/store/resources.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/access/projection.h"
#include "services/common/search/index.h"
#include "services/common/sql/migrate.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/resources/schema/schema.h"
#include "services/resources/store/blobs.h"

namespace praxis::resources::store {
namespace {

using ::praxis::testing::FailsWith;
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
    const absl::StatusOr<bool> named = IsBlobNamed(*db_, sha256);
    EXPECT_THAT(named, Succeeds());
    return named.ok() && *named;
  }

  // Whether anyone waits for the table.
  static bool WaitsForLock(sql::Tx& tx) {
    bool waits = false;
    EXPECT_THAT(tx.Query("SELECT 1 FROM pg_locks WHERE NOT granted "
                         "AND relation = 'resources'::regclass",
                         {},
                         [&](const sql::Row&) {
                           waits = true;
                           return absl::OkStatus();
                         }),
                Succeeds());
    return waits;
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

TEST_F(ResourceStoreTest, ChoosesABlobFolderOnce) {
  EXPECT_EQ(*BlobFolder(*db_), "");
  std::vector<std::thread> threads;
  std::vector<absl::StatusOr<std::string>> chosen(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      chosen[i] = ChooseBlobFolder(*db_, std::string(40, 'a' + i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::StatusOr<std::string>& id : chosen) {
    ASSERT_THAT(id, Succeeds());
    EXPECT_EQ(*id, *BlobFolder(*db_));
  }
  EXPECT_EQ(chosen[0]->size(), 40);
}

// Uploads wait meanwhile: it gives up long before another read does. On SQLite
// nothing keeps a reader waiting.
TEST_F(ResourceStoreTest, DoesNotWaitLongToKnowWhetherABlobIsNamed) {
  if (!praxis::testing::OnPostgres()) GTEST_SKIP();
  std::thread other;
  EXPECT_THAT(db_->Write([&](sql::Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(
        tx.Execute("LOCK TABLE resources IN ACCESS EXCLUSIVE MODE", {})
            .status());
    other = std::thread([&] {
      EXPECT_THAT(db_->Read([](sql::Reader& reader) {
        return reader.Query("SELECT 1 FROM resources", {},
                            [](const sql::Row&) { return absl::OkStatus(); });
      }),
                  Succeeds());
    });
    EXPECT_TRUE(praxis::testing::Eventually([&] { return WaitsForLock(tx); }));
    EXPECT_THAT(IsBlobNamed(*db_, "aa"), FailsWith(Reason::DEADLINE_EXCEEDED));
    return absl::OkStatus();
  }),
              Succeeds());
  other.join();
}

}  // namespace
}  // namespace praxis::resources::store
