#include "services/common/sql/sqlite_file.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;

TEST(SqliteFileTest, IsHeldByOneAlone) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/a.db";
  absl::StatusOr<std::unique_ptr<SqliteFile>> first = SqliteFile::Take(path);
  ASSERT_TRUE(first.ok()) << first.status();

  const absl::Status second = SqliteFile::Take(path).status();
  EXPECT_THAT(second, FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_THAT(std::string(second.message()), HasSubstr("in use"));

  first->reset();
  EXPECT_TRUE(SqliteFile::Take(path).ok());
}

TEST(SqliteFileTest, IsRefusedToAnotherProcess) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/a.db";
  const absl::StatusOr<std::unique_ptr<SqliteFile>> held =
      SqliteFile::Take(path);
  ASSERT_TRUE(held.ok());
  const pid_t child = fork();
  if (child == 0) _exit(SqliteFile::Take(path).ok() ? 1 : 0);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(SqliteFileTest, IsFreeAgainAfterAForkLivesOn) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/a.db";
  absl::StatusOr<std::unique_ptr<SqliteFile>> held = SqliteFile::Take(path);
  ASSERT_TRUE(held.ok());
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte;
    close(gate[1]);
    _exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
  }
  held->reset();
  EXPECT_TRUE(SqliteFile::Take(path).ok());
  close(gate[0]);
  close(gate[1]);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
}

TEST(SqliteFileTest, IsReadableForItsOwnerOnly) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/a.db";
  ASSERT_TRUE(SqliteFile::Take(path).ok());
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
}

TEST(SqliteFileTest, LeavesNothingOfATemporaryOne) {
  absl::StatusOr<std::unique_ptr<SqliteFile>> file = SqliteFile::Take("");
  ASSERT_TRUE(file.ok()) << file.status();
  const std::filesystem::path path = (*file)->path();
  EXPECT_TRUE(std::filesystem::exists(path));
  file->reset();
  EXPECT_FALSE(std::filesystem::exists(path.parent_path()));
}

TEST(SqliteFileTest, SaysThatItCannotBeMade) {
  const testing::TemporaryFolder folder;
  EXPECT_THAT(SqliteFile::Take(folder.path() + "/no/such/a.db").status(),
              FailsWith(Reason::STORAGE_UNAVAILABLE));
}

}  // namespace
}  // namespace praxis::sql
