#include "services/common/sql/sqlite_writer.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

// Files whose name ends so fail to reach the disk, or find it full. Empty:
// none.
std::atomic<const char*> failing_fsync{""};
std::atomic<const char*> full_disk{""};

bool Ends(int fd, const char* suffix) {
  if (*suffix == '\0') return false;
  char name[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), name, sizeof(name));
  return size > 0 && absl::EndsWith(absl::string_view(name, size), suffix);
}

}  // namespace
}  // namespace praxis::sql

// SQLite's calls of the C library come here first: this program's symbols go
// before those of shared libraries.
extern "C" int fdatasync(int fd) {
  if (praxis::sql::Ends(fd, praxis::sql::failing_fsync.load())) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fdatasync, fd));
}

extern "C" ssize_t pwrite64(int fd, const void* data, size_t size,
                            off64_t offset) {
  if (praxis::sql::Ends(fd, praxis::sql::full_disk.load())) {
    errno = ENOSPC;
    return -1;
  }
  return syscall(SYS_pwrite64, fd, data, size, offset);
}

namespace praxis::sql {
namespace {

using testing::FailsWith;
using testing::Succeeds;

class SqliteWriterTest : public ::testing::Test {
 protected:
  ~SqliteWriterTest() override {
    failing_fsync = "";
    full_disk = "";
  }

  void Open(SqliteOptions options = {}) {
    db_.reset();
    options.path = path_;
    absl::StatusOr<std::unique_ptr<Database>> opened = OpenSqlite(options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    db_ = *std::move(opened);
    ASSERT_THAT(
        db_->Script("CREATE TABLE IF NOT EXISTS t (id BIGINT PRIMARY KEY,"
                    " body BYTEA);"),
        Succeeds());
  }

  absl::Status Insert(int64_t id, const std::string& body = "") {
    return db_->Write([&](Tx& tx) {
      return tx
          .Execute("INSERT INTO t (id, body) VALUES ($1, $2)",
                   {id, Param::Blob(body)})
          .status();
    });
  }
  int64_t Count() {
    int64_t count = -1;
    EXPECT_THAT(db_->Read([&](Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(count,
                       reader.One("SELECT count(*) FROM t", {}, "",
                                  [](const Row& r) { return r.Int(0); }));
      return absl::OkStatus();
    }),
                Succeeds());
    return count;
  }

  const testing::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/a.db";
  std::unique_ptr<Database> db_;
};

// Holds the writer, so that what comes meanwhile is one group.
class Hold {
 public:
  explicit Hold(Database& db)
      : thread_([this, &db] {
          EXPECT_THAT(db.Write([this](Tx&) {
            running_.set_value();
            gate_.get_future().wait();
            return absl::OkStatus();
          }),
                      Succeeds());
        }) {
    running_.get_future().wait();
  }
  ~Hold() {
    gate_.set_value();
    thread_.join();
  }

 private:
  std::promise<void> gate_;
  std::promise<void> running_;
  std::thread thread_;
};

TEST_F(SqliteWriterTest, UndoesOneOfAGroupAndKeepsTheOthers) {
  Open();
  std::atomic<int> runs{0};
  std::vector<std::thread> callers;
  {
    const Hold hold(*db_);
    for (int id = 0; id < 9; ++id) {
      callers.emplace_back([&, id] {
        const absl::Status status = db_->Write([&](Tx& tx) -> absl::Status {
          ++runs;
          RETURN_IF_ERROR(
              tx.Execute("INSERT INTO t (id) VALUES ($1)", {id}).status());
          if (id % 3 != 0) return absl::OkStatus();
          return Error(Reason::ETAG_MISMATCH, "Changed its mind.");
        });
        EXPECT_EQ(status.ok(), id % 3 != 0) << status;
      });
    }
    // All wait in one group: none of them has run.
    EXPECT_EQ(runs.load(), 0);
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Count(), 6);
  EXPECT_GE(runs.load(), 9);
}

TEST_F(SqliteWriterTest, RunsALoneFailureOnce) {
  Open();
  int runs = 0;
  EXPECT_THAT(db_->Write([&](Tx& tx) -> absl::Status {
    ++runs;
    RETURN_IF_ERROR(tx.Execute("INSERT INTO t (id) VALUES (1)", {}).status());
    return Error(Reason::ETAG_MISMATCH, "Changed its mind.");
  }),
              FailsWith(Reason::ETAG_MISMATCH));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(Count(), 0);
}

TEST_F(SqliteWriterTest, RefusesMoreThanMayWait) {
  Open({.queue_max = 2});
  std::promise<void> gate;
  std::promise<void> running;
  std::thread holder([&] {
    EXPECT_THAT(db_->Write([&](Tx&) {
      running.set_value();
      gate.get_future().wait();
      return absl::OkStatus();
    }),
                Succeeds());
  });
  running.get_future().wait();

  // Of three more, one finds both places taken and comes back at once.
  std::promise<void> refused;
  std::atomic<int> ok{0};
  std::vector<std::thread> callers;
  for (int id = 0; id < 3; ++id) {
    callers.emplace_back([&, id] {
      const absl::Status status = Insert(id);
      if (status.ok()) {
        ++ok;
      } else {
        EXPECT_THAT(status, FailsWith(Reason::OVERLOADED));
        refused.set_value();
      }
    });
  }
  refused.get_future().wait();
  EXPECT_EQ(ok.load(), 0);
  gate.set_value();
  holder.join();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(ok.load(), 2);
  EXPECT_EQ(Count(), 2);
}

TEST_F(SqliteWriterTest, CommitsMoreThanOneGroupHolds) {
  Open({.group_max = 3});
  std::vector<std::thread> callers;
  for (int id = 0; id < 40; ++id) {
    callers.emplace_back([&, id] { EXPECT_THAT(Insert(id), Succeeds()); });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Count(), 40);
}

TEST_F(SqliteWriterTest, RefusesAWriteWithinAWrite) {
  Open();
  EXPECT_THAT(db_->Write([&](Tx&) { return Insert(1); }),
              FailsWith(Reason::INTERNAL));
  EXPECT_THAT(Insert(2), Succeeds());
}

TEST_F(SqliteWriterTest, ReportsAFullDiskAndGoesOnWhenThereIsRoom) {
  Open();
  ASSERT_THAT(Insert(1), Succeeds());
  full_disk = "-wal";
  // Small, and so large that SQLite writes before the commit.
  EXPECT_THAT(Insert(2), FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_THAT(Insert(3, std::string(32 << 20, 'x')),
              FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_EQ(Count(), 1);
  EXPECT_THAT(db_->Check(), Succeeds());

  full_disk = "";
  EXPECT_THAT(Insert(4), Succeeds());
  EXPECT_EQ(Count(), 2);
  Open();
  EXPECT_EQ(Count(), 2);
}

TEST_F(SqliteWriterTest, TellsEveryoneOfAGroupThatCannotBeCommitted) {
  Open();
  ASSERT_THAT(Insert(0), Succeeds());
  full_disk = "-wal";
  std::vector<std::thread> callers;
  for (int id = 1; id <= 20; ++id) {
    callers.emplace_back([&, id] {
      EXPECT_THAT(Insert(id), FailsWith(Reason::STORAGE_UNAVAILABLE));
      // Its own failure, not the disk's.
      EXPECT_EQ(db_->Write([](Tx&) { return absl::AbortedError("mine"); }),
                absl::AbortedError("mine"));
    });
  }
  for (std::thread& caller : callers) caller.join();
  full_disk = "";
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteWriterTest, TellsNobodyOfACommitThatFailed) {
  Open();
  std::atomic<int> commits{0};
  db_->OnCommit([&] { ++commits; });
  full_disk = "-wal";
  EXPECT_FALSE(Insert(1).ok());
  EXPECT_EQ(commits.load(), 0);
}

TEST_F(SqliteWriterTest, AcknowledgesNothingWithoutAnFsync) {
  std::atomic<int> told{0};
  Open({.on_disk_failure = [&told] { ++told; }});
  ASSERT_THAT(Insert(1), Succeeds());
  failing_fsync = "-wal";
  EXPECT_THAT(Insert(2), FailsWith(Reason::COMMIT_IN_DOUBT));
  failing_fsync = "";
  // The kernel would say OK now, and lie.
  EXPECT_THAT(Insert(3), FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_THAT(db_->Check(), FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_EQ(Count(), 1);
  EXPECT_EQ(told.load(), 1);

  Open();
  EXPECT_THAT(Insert(4), Succeeds());
  // What was not acknowledged may be there or not; 3 was never tried.
  EXPECT_GE(Count(), 2);
  EXPECT_LE(Count(), 3);
}

TEST_F(SqliteWriterTest, StopsWhenACheckpointDoesNotReachTheDisk) {
  Open();
  failing_fsync = "a.db";
  // Larger than a checkpoint waits for; it is in the WAL and so acknowledged.
  ASSERT_THAT(Insert(1, std::string(20 << 20, 'x')), Succeeds());
  EXPECT_THAT(Insert(2), FailsWith(Reason::STORAGE_UNAVAILABLE));
  failing_fsync = "";
  EXPECT_THAT(Insert(2), FailsWith(Reason::STORAGE_UNAVAILABLE));
  Open();
  EXPECT_EQ(Count(), 1);
}

TEST_F(SqliteWriterTest, KeepsTheWalShort) {
  Open();
  for (int id = 0; id < 40; ++id) {
    ASSERT_THAT(Insert(id, std::string(2 << 20, 'x')), Succeeds());
  }
  // 80 MiB were written; a checkpoint is due every 16.
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 20 << 20);
}

TEST_F(SqliteWriterTest, ReadsAWalThatAReaderHoldsBack) {
  Open();
  ASSERT_THAT(Insert(0), Succeeds());
  ASSERT_THAT(db_->Read([&](Reader& reader) -> absl::Status {
    const auto count = [&] {
      return *reader.One("SELECT count(*) FROM t", {}, "",
                         [](const Row& row) { return row.Int(0); });
    };
    EXPECT_EQ(count(), 1);
    std::thread([&] {
      for (int id = 1; id <= 40; ++id) {
        EXPECT_THAT(Insert(id, std::string(2 << 20, 'x')), Succeeds());
      }
    }).join();
    EXPECT_EQ(count(), 1);
    return absl::OkStatus();
  }),
              Succeeds());
  EXPECT_EQ(Count(), 41);
}

}  // namespace
}  // namespace praxis::sql
