#include "services/common/sql/sqlite_readers.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "services/common/sql/sqlite_file.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using testing::Succeeds;

TEST(SqliteReadersTest, ServesMoreThreadsThanItHasConnections) {
  const std::unique_ptr<SqliteFile> file = *SqliteFile::Take("");
  const auto writer =
      *SqliteConnection::Open(file->path(), SqliteMode::kReadWrite);
  ASSERT_THAT(writer->Run("PRAGMA journal_mode = WAL"), Succeeds());
  SqliteReaders readers(file->path(), 2);

  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> answers{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) {
        EXPECT_THAT(readers.Read([&](Reader& reader) {
          const int now = ++inside;
          int seen = most.load();
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          const absl::Status status =
              reader.Query("SELECT 1", {}, [&](const Row&) {
                ++answers;
                return absl::OkStatus();
              });
          --inside;
          return status;
        }),
                    Succeeds());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers.load(), 16 * 200);
  EXPECT_LE(most.load(), 2);
}

TEST(SqliteReadersTest, SaysThatTheFileIsGone) {
  SqliteReaders readers("/nowhere/at/all.db", 1);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(readers.Read([](Reader&) { return absl::OkStatus(); }).ok());
  }
}

}  // namespace
}  // namespace praxis::sql
