// The disk fills up, or fails, under SQLite.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/ground.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::chaos {
namespace {

using system::Answer;
using system::Answered;
using system::Caller;
using system::In;
using system::Of;
using system::Transport;

constexpr char kStrace[] = "/usr/bin/strace";

// `praxis` over SQLite, whose data folder is a file system of 20 MB.
class DiskTest : public ::testing::Test {
 protected:
  DiskTest()
      : suite_(system::Shape::kOneProcess,
               {.flags = [](const auto&) { return system::WithoutRates(); }}),
        data_(suite_.folder() + "/data") {}

  void SetUp() override {
    std::filesystem::create_directory(data_);
    if (mount("tmpfs", data_.c_str(), "tmpfs", 0, "size=20m") != 0) {
      GTEST_SKIP() << "cannot mount: this test needs to be root";
    }
    ASSERT_NO_FATAL_FAILURE(suite_.Start());
    ada_ = std::make_unique<system::Person>(
        Register(suite_, Transport::kHttp, "ada"));
    community_ = Found(ada_->caller, "dock", events::v1::PUBLIC);
    thread_ = Ask(ada_->caller, community_, "A ship", "When does it leave?");
  }
  void TearDown() override {
    ShowLogsOnFailure(suite_);
    suite_.KillAll();
    umount2(data_.c_str(), MNT_DETACH);
  }

  discussions::v1::CreatePostRequest Post(const std::string& request_id) const {
    auto request = In<discussions::v1::CreatePostRequest>(thread_.name());
    request.mutable_post()->set_body(std::string(2'000, 'x'));
    request.set_request_id(request_id);
    return request;
  }
  int64_t CountPosts() {
    return ada_->caller
        .Call<discussions::v1::Thread>(
            Of<discussions::v1::GetThreadRequest>(thread_.name()))
        .post_count();
  }
  std::string filler() const { return data_ + "/filler"; }
  // Takes all the space that is left.
  void FillDisk() {
    const int fd = open(filler().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string block(4096, 'x');
    while (write(fd, block.data(), block.size()) > 0) {
    }
    close(fd);
  }

  system::Suite suite_;
  const std::string data_;
  std::unique_ptr<system::Person> ada_;
  std::string community_;
  discussions::v1::Thread thread_;
};

TEST_F(DiskTest, RefusesWritesWhileItIsFullAndTakesThemAfterwards) {
  FillDisk();
  // What the log of the database still has room for is taken.
  int64_t taken = 0;
  Answer answer = ada_->caller.Try(Post("post-0"));
  while (answer.ok() && taken < 5'000) {
    answer = ada_->caller.Try(Post(absl::StrCat("post-", ++taken)));
  }
  const Answer refused = answer;
  EXPECT_EQ(refused.http_status, 503) << refused;
  EXPECT_NE(refused.reason, "INTERNAL") << refused;
  // Again and again, and reading goes on.
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ada_->caller.Try(Post(absl::StrCat("again-", i))).http_status,
              503);
    EXPECT_EQ(CountPosts(), taken);
  }
  EXPECT_TRUE(suite_.process("praxis").running());

  std::filesystem::remove(filler());
  EXPECT_TRUE(system::Eventually([&] {
    return ada_->caller.Try(Post(absl::StrCat("post-", taken))).ok();
  }));
  EXPECT_EQ(CountPosts(), taken + 1);
  printf(
      "chaos disk full: %ld writes taken, then %s; reads and, with space, "
      "writes went on\n",
      taken, refused.reason.c_str());
}

// What was not synced may be lost whatever a second fsync says: so nothing is
// acknowledged any more, and the process goes.
TEST_F(DiskTest, AcknowledgesNothingOnceASyncHasFailed) {
  EXPECT_THAT(ada_->caller.Try(Post("before")), Answered());
  system::Process& praxis = suite_.process("praxis");
  system::Process strace("strace", kStrace, suite_.folder() + "/strace.log");
  strace.Start({"-f", "-qq", "-o", suite_.folder() + "/strace.out", "-e",
                "trace=fdatasync,fsync", "-e",
                "inject=fdatasync,fsync:error=EIO", "-p",
                absl::StrCat(praxis.pid())});
  // strace has it once its threads are traced.
  bool traced = false;
  EXPECT_TRUE(system::Eventually([&] {
    traced = system::ReadFile(absl::StrCat("/proc/", praxis.pid(), "/status"))
                 .find("TracerPid:\t0") == std::string::npos;
    return traced || strace.AwaitExit(absl::ZeroDuration()).has_value();
  }));
  if (!traced) GTEST_SKIP() << "cannot trace: this test needs to be let";
  int64_t acked = 1;
  Answer answer;
  for (int i = 0; i < 50; ++i) {
    answer = ada_->caller.Try(Post(absl::StrCat("after-", i)));
    if (!answer.ok()) break;
    ++acked;
  }
  EXPECT_FALSE(answer.ok());
  const Answer failed = answer;
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(ada_->caller.Try(Post(absl::StrCat("later-", i))).ok());
  }
  const auto exit = praxis.AwaitExit(absl::Seconds(10));
  EXPECT_TRUE(exit.has_value()) << "it still runs";
  strace.Kill();
  suite_.KillAll();
  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  const int64_t count = CountPosts();
  // The one that failed may be there, or not.
  EXPECT_GE(count, acked);
  EXPECT_LE(count, acked + 1);
  EXPECT_THAT(ada_->caller.Try(Post("after the restart")), Answered());
  printf("chaos disk error: %ld acknowledged, then %s; %s; %ld are there\n",
         acked, failed.reason.empty() ? "no answer" : failed.reason.c_str(),
         exit.has_value() ? "it ended" : "it went on", count);
}

}  // namespace
}  // namespace praxis::chaos
