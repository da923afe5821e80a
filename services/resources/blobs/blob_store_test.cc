#include "services/resources/blobs/blob_store.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::resources {
namespace {

namespace fs = std::filesystem;
using praxis::testing::FailsWith;
using praxis::testing::Succeeds;

// SHA-256 of "abc", FIPS 180-2, B.1.
constexpr char kAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class BlobStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<BlobStore> Open(int64_t blob_bytes_max = 1 << 20) {
    auto store = BlobStore::Open(
        {.path = folder_.path() + "/blobs", .blob_bytes_max = blob_bytes_max});
    EXPECT_THAT(store, Succeeds());
    return *std::move(store);
  }

  absl::StatusOr<Blob> Store(BlobStore& store, absl::string_view bytes) {
    ASSIGN_OR_RETURN(std::unique_ptr<BlobWriter> writer, store.Begin());
    RETURN_IF_ERROR(writer->Append(bytes));
    return writer->Commit();
  }

  std::string ReadAll(BlobStore& store, absl::string_view sha256) {
    auto reader = store.Find(sha256);
    EXPECT_THAT(reader, Succeeds());
    std::string bytes;
    EXPECT_THAT((*reader)->Read(0, (*reader)->size_bytes(), &bytes),
                Succeeds());
    return bytes;
  }

  // Regular files below the store's folder.
  int Files() {
    int count = 0;
    for (const auto& entry :
         fs::recursive_directory_iterator(folder_.path() + "/blobs")) {
      count += entry.is_regular_file() && entry.path().filename() != "lock" &&
               entry.path().filename() != "id";
    }
    return count;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(BlobStoreTest, NamesBytesByTheirDigest) {
  auto store = Open();
  absl::StatusOr<Blob> blob = Store(*store, "abc");
  ASSERT_THAT(blob, Succeeds());
  EXPECT_EQ(blob->sha256, kAbc);
  EXPECT_EQ(blob->size_bytes, 3);
  EXPECT_EQ(ReadAll(*store, kAbc), "abc");
}

TEST_F(BlobStoreTest, KeepsEqualBytesOnce) {
  auto store = Open();
  EXPECT_THAT(Store(*store, "abc"), Succeeds());
  EXPECT_THAT(Store(*store, "abc"), Succeeds());
  EXPECT_EQ(Files(), 1);
}

TEST_F(BlobStoreTest, KeepsNothingWithoutACommit) {
  auto store = Open();
  {
    auto writer = store->Begin();
    ASSERT_THAT(writer, Succeeds());
    EXPECT_THAT((*writer)->Append("half"), Succeeds());
    EXPECT_EQ(Files(), 1);
  }
  EXPECT_EQ(Files(), 0);
}

TEST_F(BlobStoreTest, RefusesMoreThanItsLimit) {
  auto store = Open(/*blob_bytes_max=*/4);
  EXPECT_THAT(Store(*store, "abcd"), Succeeds());
  EXPECT_THAT(Store(*store, "abcde"), FailsWith(Reason::TOO_LARGE));
  EXPECT_EQ(Files(), 1);
}

TEST_F(BlobStoreTest, ReadsAnyPart) {
  auto store = Open();
  absl::StatusOr<Blob> blob = Store(*store, "0123456789");
  ASSERT_THAT(blob, Succeeds());
  auto reader = store->Find(blob->sha256);
  ASSERT_THAT(reader, Succeeds());
  std::string bytes;
  EXPECT_THAT((*reader)->Read(3, 4, &bytes), Succeeds());
  EXPECT_EQ(bytes, "3456");
  EXPECT_THAT((*reader)->Read(8, 10, &bytes), Succeeds());
  EXPECT_EQ(bytes, "89");
}

TEST_F(BlobStoreTest, HasNoBlobThatWasNotStored) {
  EXPECT_THAT(Open()->Find(kAbc), FailsWith(Reason::INTERNAL));
}

TEST_F(BlobStoreTest, IsNewUntilItHasAnIdOrABlob) {
  auto store = Open();
  EXPECT_TRUE(store->IsNew());
  EXPECT_EQ(store->Id(), "");
  EXPECT_THAT(Store(*store, "abc"), Succeeds());
  EXPECT_FALSE(store->IsNew());

  // The lock and an empty folder remain.
  EXPECT_EQ(*store->Sweep(absl::Now() + absl::Hours(1),
                          [](absl::string_view) { return false; }),
            1);
  EXPECT_TRUE(Open()->IsNew());
  EXPECT_THAT(store->GiveId("one"), Succeeds());
  EXPECT_FALSE(store->IsNew());
  EXPECT_EQ(Files(), 0);
}

TEST_F(BlobStoreTest, KeepsTheFirstIdOfManyGivenAtOnce) {
  auto store = Open();
  std::vector<std::thread> threads;
  std::vector<std::string> seen(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      EXPECT_THAT(store->GiveId(std::string(40, 'a' + i)), Succeeds());
      seen[i] = store->Id();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(seen, ::testing::Each(Open()->Id()));
  EXPECT_EQ(seen[0].size(), 40);
}

TEST_F(BlobStoreTest, TakesManyUploadsAtOnce) {
  auto store = Open();
  std::vector<std::thread> threads;
  std::vector<std::string> digests(16);
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      absl::StatusOr<Blob> blob =
          Store(*store, std::string(10000, static_cast<char>('a' + i % 4)));
      if (blob.ok()) digests[i] = blob->sha256;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(ReadAll(*store, digests[i]),
              std::string(10000, static_cast<char>('a' + i % 4)));
  }
  EXPECT_EQ(Files(), 4);
}

TEST_F(BlobStoreTest, KeepsWhatAKilledProcessHadCommitted) {
  const pid_t child = fork();
  if (child == 0) {
    auto store = BlobStore::Open({.path = folder_.path() + "/blobs"});
    (void)Store(**store, "kept");
    auto writer = (*store)->Begin();
    (void)(*writer)->Append("half");
    raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  // The half one goes with the next sweep of an hour later.
  EXPECT_EQ(Files(), 2);
  auto store = Open();
  EXPECT_EQ(*store->Sweep(absl::Now() + absl::Hours(1),
                          [](absl::string_view) { return true; }),
            1);
  EXPECT_EQ(Files(), 1);
}

TEST_F(BlobStoreTest, FailsCleanlyWhenTheDiskIsFull) {
  const pid_t child = fork();
  if (child == 0) {
    // Stands for a full disk: write fails with EFBIG.
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto store = BlobStore::Open({.path = folder_.path() + "/blobs"});
    const absl::Status full = Store(**store, std::string(10000, 'x')).status();
    const bool good = ReasonOf(full) == Reason::STORAGE_UNAVAILABLE &&
                      Store(**store, "small").ok();
    _exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(Files(), 1);
}

}  // namespace
}  // namespace praxis::resources
