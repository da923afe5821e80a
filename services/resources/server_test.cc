#include "services/resources/server.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "services/common/sql/open.h"
#include "services/common/testing/access_source.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/database.h"
#include "services/common/testing/matchers.h"
#include "services/resources/store/blobs.h"

namespace praxis::resources {
namespace {

namespace fs = std::filesystem;
using praxis::testing::Succeeds;

// The server over one folder of blobs and whatever database.
class BlobFolderTest : public ::testing::Test {
 protected:
  BlobFolderTest() { TakeAnotherDatabase(); }

  void TakeAnotherDatabase() {
    fs::remove(folder_.path() + "/resources.db");
    fs::remove(folder_.path() + "/resources.db-wal");
    fs::remove(folder_.path() + "/resources.db-shm");
    postgres_ = praxis::testing::TestPostgres();
  }

  void Run() {
    EXPECT_THAT(ResourcesServer::Start({.data_dir = folder_.path(),
                                        .secrets_dir = folder_.path(),
                                        .database = postgres_},
                                       host_.host(), source_.log()),
                Succeeds());
  }

  // What the file says, and what the database says.
  std::string IdInFolder() {
    std::string id;
    std::ifstream(IdPath()) >> id;
    return id;
  }
  std::string IdInDatabase() {
    auto db = sql::Open({.postgres = postgres_,
                         .name = "test",
                         .sqlite_path = folder_.path() + "/resources.db"});
    EXPECT_THAT(db, Succeeds());
    return *store::BlobFolder(**db);
  }
  std::string IdPath() { return folder_.path() + "/blobs/id"; }

  praxis::testing::TemporaryFolder folder_;
  praxis::testing::TestHost host_;
  praxis::testing::AccessSource source_;
  std::string postgres_;
};

TEST_F(BlobFolderTest, JoinsANewFolderAndANewDatabase) {
  Run();
  const std::string id = IdInFolder();
  EXPECT_NE(id, "");
  EXPECT_EQ(IdInDatabase(), id);
  Run();
  EXPECT_EQ(IdInFolder(), id);
  EXPECT_EQ(IdInDatabase(), id);
}

TEST_F(BlobFolderTest, LeavesTheFolderOfAnotherDatabaseAsItIs) {
  Run();
  const std::string id = IdInFolder();
  TakeAnotherDatabase();
  Run();
  EXPECT_EQ(IdInFolder(), id);
  EXPECT_EQ(IdInDatabase(), "");
}

TEST_F(BlobFolderTest, LeavesAFolderThatHoldsBlobsAsItIs) {
  fs::create_directories(folder_.path() + "/blobs/ab");
  std::ofstream(folder_.path() + "/blobs/ab/blob") << "bytes";
  Run();
  EXPECT_EQ(IdInFolder(), "");
  EXPECT_EQ(IdInDatabase(), "");
}

TEST_F(BlobFolderTest, GoesOnWhereAStartWasCutShort) {
  Run();
  const std::string id = IdInDatabase();
  fs::remove(IdPath());
  Run();
  EXPECT_EQ(IdInFolder(), id);
}

}  // namespace
}  // namespace praxis::resources
