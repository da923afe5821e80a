#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/resources/blobs/blob_store.h"
#include "services/resources/blobs/sweeper.h"

namespace praxis::resources {
namespace {

namespace fs = std::filesystem;
using praxis::testing::FailsWith;
using praxis::testing::Succeeds;

absl::StatusOr<bool> Named(absl::string_view) { return true; }
absl::StatusOr<bool> Unnamed(absl::string_view) { return false; }

class SweepTest : public ::testing::Test {
 protected:
  SweepTest() : store_(*BlobStore::Open({.path = folder_.path()})) {}

  // The digest of what was stored.
  std::string Store(absl::string_view bytes) {
    absl::StatusOr<std::unique_ptr<BlobWriter>> writer = store_->Begin();
    EXPECT_THAT(writer, Succeeds());
    EXPECT_THAT((*writer)->Append(bytes), Succeeds());
    const absl::StatusOr<Blob> blob = (*writer)->Commit();
    EXPECT_THAT(blob, Succeeds());
    return blob->sha256;
  }
  std::string StoreLongAgo(absl::string_view bytes) {
    const std::string digest = Store(bytes);
    Age(folder_.path() + "/" + digest.substr(0, 2) + "/" + digest);
    return digest;
  }

  // Two hours.
  static void Age(const std::string& path) {
    fs::last_write_time(
        path, fs::file_time_type::clock::now() - std::chrono::hours(2));
  }

  absl::StatusOr<int> Sweep(BlobStore::IsNamed is_named) {
    return store_->Sweep(absl::Now() - absl::Hours(1), is_named);
  }
  bool Has(absl::string_view digest) { return store_->Find(digest).ok(); }

  testing::TemporaryFolder folder_;
  std::unique_ptr<BlobStore> store_;
};

TEST_F(SweepTest, RemovesOldBlobsThatNothingNames) {
  const std::string named = StoreLongAgo("named");
  const std::string unnamed = StoreLongAgo("unnamed");
  const std::string young = Store("young");
  const absl::StatusOr<int> removed =
      Sweep([&](absl::string_view digest) { return digest == named; });
  ASSERT_THAT(removed, Succeeds());
  EXPECT_EQ(*removed, 1);
  EXPECT_TRUE(Has(named));
  EXPECT_FALSE(Has(unnamed));
  EXPECT_TRUE(Has(young));
}

TEST_F(SweepTest, RemovesUploadsThatWentNoFurther) {
  auto stuck = store_->Begin();
  ASSERT_THAT(stuck, Succeeds());
  for (const auto& entry :
       fs::directory_iterator(folder_.path() + "/incoming")) {
    Age(entry.path());
  }
  auto under_way = store_->Begin();
  ASSERT_THAT(under_way, Succeeds());
  EXPECT_EQ(*Sweep(Named), 1);
  EXPECT_THAT((*under_way)->Commit(), Succeeds());
  EXPECT_THAT((*stuck)->Commit(), FailsWith(Reason::STORAGE_UNAVAILABLE));
}

// Between the first question and the removal.
TEST_F(SweepTest, KeepsWhatIsStoredAgainMeanwhile) {
  const std::string digest = StoreLongAgo("again");
  bool stored = false;
  const absl::StatusOr<int> removed =
      Sweep([&](absl::string_view) -> absl::StatusOr<bool> {
        if (!stored) Store("again");
        stored = true;
        return false;
      });
  ASSERT_THAT(removed, Succeeds());
  EXPECT_EQ(*removed, 0);
  EXPECT_TRUE(Has(digest));
}

// Between the second question and the removal, an upload waits.
TEST_F(SweepTest, HoldsUploadsUpWhileItRemoves) {
  const std::string digest = StoreLongAgo("again");
  std::thread uploading;
  std::atomic<bool> stored = false;
  int asked = 0;
  const absl::StatusOr<int> removed =
      Sweep([&](absl::string_view) -> absl::StatusOr<bool> {
        if (++asked < 2) return false;
        uploading = std::thread([&] {
          Store("again");
          stored = true;
        });
        EXPECT_FALSE(testing::Eventually([&] { return stored.load(); },
                                         absl::Milliseconds(50)));
        return false;
      });
  uploading.join();
  EXPECT_EQ(*removed, 1);
  EXPECT_TRUE(Has(digest));
}

TEST_F(SweepTest, KeepsWhatIsNamedMeanwhile) {
  const std::string digest = StoreLongAgo("named");
  int asked = 0;
  EXPECT_EQ(*Sweep([&](absl::string_view) { return asked++ > 0; }), 0);
  EXPECT_EQ(asked, 2);
  EXPECT_TRUE(Has(digest));
}

TEST_F(SweepTest, KeepsWhatIsStoredWhileItSweeps) {
  // Another process.
  auto other = *BlobStore::Open({.path = folder_.path()});
  const absl::Time start = absl::Now() - absl::Hours(1);
  for (int round = 0; round < 200; ++round) {
    const std::string digest = StoreLongAgo("contended");
    std::thread sweeping([&] { (void)other->Sweep(start, Unnamed); });
    Store("contended");
    sweeping.join();
    ASSERT_TRUE(Has(digest)) << round;
  }
}

TEST_F(SweepTest, RemovesNothingWhenItCannotAsk) {
  const std::string digest = StoreLongAgo("bytes");
  EXPECT_THAT(Sweep([](absl::string_view) -> absl::StatusOr<bool> {
                return Error(Reason::STORAGE_UNAVAILABLE, "No.");
              }),
              FailsWith(Reason::STORAGE_UNAVAILABLE));
  EXPECT_TRUE(Has(digest));
}

TEST_F(SweepTest, LetsAReaderReadToTheEnd) {
  const std::string digest = StoreLongAgo("bytes");
  auto reader = store_->Find(digest);
  ASSERT_THAT(reader, Succeeds());
  EXPECT_EQ(*Sweep(Unnamed), 1);
  std::string bytes;
  EXPECT_THAT((*reader)->Read(0, 5, &bytes), Succeeds());
  EXPECT_EQ(bytes, "bytes");
}

TEST_F(SweepTest, TouchesNoOtherFiles) {
  for (const char* name : {"/note", "/incoming/note", "/ab/note"}) {
    const std::string path = folder_.path() + name;
    fs::create_directories(fs::path(path).parent_path());
    fclose(fopen(path.c_str(), "w"));
    if (!absl::StrContains(name, "incoming")) Age(path);
  }
  EXPECT_EQ(*Sweep(Unnamed), 0);
}

// Its bytes came two hours ago, its row comes after the sweep.
TEST_F(SweepTest, KeepsASlowUploadThatIsWholeNow) {
  auto writer = store_->Begin();
  ASSERT_THAT(writer, Succeeds());
  EXPECT_THAT((*writer)->Append("slow"), Succeeds());
  for (const auto& entry :
       fs::directory_iterator(folder_.path() + "/incoming")) {
    Age(entry.path());
  }
  const absl::StatusOr<Blob> blob = (*writer)->Commit();
  ASSERT_THAT(blob, Succeeds());
  EXPECT_EQ(*Sweep(Unnamed), 0);
  EXPECT_TRUE(Has(blob->sha256));
}

// The folder is called "ours", and one of its two blobs has a name.
class SweeperTest : public SweepTest {
 protected:
  SweeperTest() {
    EXPECT_THAT(store_->GiveId("ours"), Succeeds());
    named_ = StoreLongAgo("named");
    unnamed_ = StoreLongAgo("unnamed");
  }

  // What a database says that names the blobs of `folder`.
  Sweeper::Names Names(absl::StatusOr<std::string> folder) {
    return {.folder =
                [this, folder] {
                  ++looks_;
                  return folder;
                },
            .is_named =
                [this](absl::string_view digest) { return digest == named_; }};
  }
  // Whether it looks at the folder three times: it has swept, if it ever does.
  bool Looks() {
    return testing::Eventually([&] { return looks_ >= 3; });
  }

  std::string named_;
  std::string unnamed_;
  std::atomic<int> looks_ = 0;
};

constexpr absl::Duration kSoon = absl::Milliseconds(1);

TEST_F(SweeperTest, SweepsTheFolderThatTheDatabaseNames) {
  const Sweeper sweeper(*store_, Names("ours"), kSoon);
  EXPECT_TRUE(testing::Eventually([&] { return !Has(unnamed_); }));
  EXPECT_TRUE(Has(named_));
}

TEST_F(SweeperTest, SweepsNoOtherFolder) {
  for (const absl::StatusOr<std::string>& folder :
       {absl::StatusOr<std::string>("theirs"), absl::StatusOr<std::string>(""),
        absl::StatusOr<std::string>(absl::UnavailableError("away"))}) {
    looks_ = 0;
    const Sweeper sweeper(*store_, Names(folder), kSoon);
    EXPECT_TRUE(Looks());
  }
  EXPECT_TRUE(Has(unnamed_));
}

TEST_F(SweeperTest, SweepsNoFolderThatHasNoId) {
  fs::remove(folder_.path() + "/id");
  {
    const Sweeper sweeper(*store_, Names(""), kSoon);
    EXPECT_TRUE(Looks());
  }
  EXPECT_TRUE(Has(unnamed_));
}

TEST_F(SweeperTest, SweepsAgainOnceTheIdIsPutRight) {
  const Sweeper sweeper(*store_, Names("theirs"), kSoon);
  EXPECT_TRUE(Looks());
  EXPECT_TRUE(Has(unnamed_));
  fs::remove(folder_.path() + "/id");
  EXPECT_THAT(store_->GiveId("theirs"), Succeeds());
  EXPECT_TRUE(testing::Eventually([&] { return !Has(unnamed_); }));
}

TEST_F(SweeperTest, BeginsWithALookOnly) {
  {
    const Sweeper sweeper(*store_, Names("ours"));
    EXPECT_TRUE(testing::Eventually([&] { return looks_ == 1; }));
    EXPECT_FALSE(testing::Eventually([&] { return !Has(unnamed_); },
                                     absl::Milliseconds(50)));
  }
  EXPECT_TRUE(Has(unnamed_));
}

}  // namespace
}  // namespace praxis::resources
