#include "services/common/sql/sqlite_readers.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/common/sql/sqlite_file.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using testing::FailsWith;
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

// Counts for a minute or more, if it is let.
constexpr char kLong[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    " WHERE i < 1000000000) SELECT max(i) FROM n";

TEST(SqliteReadersTest, StopsAQueryThatNobodyWantsAnyMore) {
  const std::unique_ptr<SqliteFile> file = *SqliteFile::Take("");
  const auto writer =
      *SqliteConnection::Open(file->path(), SqliteMode::kReadWrite);
  ASSERT_THAT(writer->Run("PRAGMA journal_mode = WAL"), Succeeds());
  SqliteReaders readers(file->path(), 1);
  const auto count = [](Reader& reader) {
    return reader.Query(kLong, {}, [](const Row&) { return absl::OkStatus(); });
  };
  EXPECT_THAT(
      readers.Read(count, {.deadline = absl::Now() + absl::Milliseconds(20)}),
      FailsWith(errors::v1::DEADLINE_EXCEEDED));

  Limit limit;
  limit.cancelled = std::make_shared<std::atomic<bool>>(false);
  std::atomic<bool> running{false};
  std::thread caller([&] {
    EXPECT_THAT(readers.Read(
                    [&](Reader& reader) {
                      running = true;
                      return count(reader);
                    },
                    limit),
                FailsWith(errors::v1::CANCELLED));
  });
  EXPECT_TRUE(testing::Eventually([&] { return running.load(); }));
  // The only connection is in use: who cannot wait is told so.
  EXPECT_THAT(readers.Read([](Reader&) { return absl::OkStatus(); },
                           {.deadline = absl::Now() + absl::Milliseconds(20)}),
              FailsWith(errors::v1::DEADLINE_EXCEEDED));
  limit.cancelled->store(true);
  caller.join();
  EXPECT_THAT(readers.Read([](Reader& reader) {
    return reader.Query("SELECT 1", {},
                        [](const Row&) { return absl::OkStatus(); });
  }),
              Succeeds());
}

TEST(SqliteReadersTest, SaysThatTheFileIsGone) {
  SqliteReaders readers("/nowhere/at/all.db", 1);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(readers.Read([](Reader&) { return absl::OkStatus(); }).ok());
  }
}

}  // namespace
}  // namespace praxis::sql
