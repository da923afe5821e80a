// PostgreSQL ends, or hands over to its standby, while people write.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/chaos/load.h"
#include "tests/system/ground.h"
#include "tests/system/waiting.h"

namespace praxis::chaos {
namespace {

using system::In;
using system::OutputOf;
using system::Transport;

// Writes posts one after the other, each until it is acknowledged.
class Diary {
 public:
  explicit Diary(const system::Suite& suite)
      : suite_(suite), ada_(Register(suite, Transport::kHttp, "ada")) {
    community_ = Found(ada_.caller, "desk", events::v1::PUBLIC);
    thread_ = Ask(ada_.caller, community_, "A diary", "What was today?").name();
    writer_ = std::thread([this] { Write(); });
  }
  ~Diary() { Stop(); }

  void Stop() {
    stop_ = true;
    if (writer_.joinable()) writer_.join();
  }

  void AwaitMore(int64_t count) const {
    const int64_t wanted = acked_ + count;
    EXPECT_TRUE(system::Eventually([&] { return acked_ >= wanted; }))
        << "nothing is acknowledged any more";
  }
  // The longest time from one acknowledgement to the next.
  absl::Duration longest_pause() const { return longest_; }

  // After Stop: every post is there, once.
  void ExpectAllThere() {
    std::set<std::string> bodies;
    int64_t listed = 0;
    auto request = In<discussions::v1::ListPostsRequest>(thread_);
    request.set_page_size(200);
    do {
      const auto page =
          ada_.caller.Call<discussions::v1::ListPostsResponse>(request);
      for (const auto& post : page.posts()) bodies.insert(post.body());
      listed += page.posts_size();
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(listed, acked_);
    EXPECT_EQ(static_cast<int64_t>(bodies.size()), acked_);
  }
  int64_t acked() const { return acked_; }

 private:
  void Write() {
    system::Caller caller(suite_, Transport::kHttp, ada_.caller.token());
    absl::Time last = absl::Now();
    while (!stop_) {
      auto post = In<discussions::v1::CreatePostRequest>(thread_);
      post.mutable_post()->set_body(absl::StrCat("Day ", acked_.load()));
      post.set_request_id(absl::StrCat("day-", acked_.load()));
      const absl::Time end = absl::Now() + absl::Minutes(1);
      while (!caller.Try(post).ok()) {
        if (absl::Now() > end) return;
      }
      ++acked_;
      longest_ = std::max(longest_, absl::Now() - last);
      last = absl::Now();
    }
  }

  const system::Suite& suite_;
  system::Person ada_;
  std::string community_;
  std::string thread_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> acked_{0};
  absl::Duration longest_;
  std::thread writer_;
};

void Report(const char* what, const Diary& diary) {
  printf(
      "chaos %s: %ld writes, none lost or doubled; the longest pause "
      "%.1f s\n",
      what, diary.acked(), absl::ToDoubleSeconds(diary.longest_pause()));
}

TEST(FailoverTest, LosesNothingWhenPostgresRestarts) {
  system::Ground ground;
  system::Suite suite(system::Shape::kFourProcesses, ground.OptionsFor(1));
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  Diary diary(suite);
  for (int i = 0; i < 3; ++i) {
    diary.AwaitMore(50);
    ground.postgres().Crash();
    ground.postgres().Start();
  }
  diary.AwaitMore(50);
  diary.Stop();
  diary.ExpectAllThere();
  Report("postgres restarted at once, three times", diary);
}

// A standby of a cluster that gets every commit before it is acknowledged.
class Standby {
 public:
  explicit Standby(const system::PostgresServer& primary)
      : primary_(primary), folder_(OutputOf("mktemp -d")) {
    OutputOf(absl::StrCat("chown postgres: ", folder_));
    AsPostgres(absl::StrCat("pg_basebackup --checkpoint=fast -R -D ", data(),
                            " -d '", primary.ConninfoOf("postgres"), "'"));
    AsPostgres(absl::StrCat("pg_ctl -w -D ", data(), " -l ", folder_,
                            "/log -o \"-c unix_socket_directories=", folder_,
                            "\" start >/dev/null"));
    Ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
    Ask("SELECT pg_reload_conf()");
    EXPECT_TRUE(system::Eventually([&] {
      return Ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = "
                 "'sync'") == "1";
    }));
  }
  ~Standby() {
    AsPostgres(
        absl::StrCat("pg_ctl -m immediate -D ", data(), " stop >/dev/null"));
    OutputOf(absl::StrCat("rm -rf ", folder_));
  }

  // The conninfo that names both.
  std::string Both(const std::string& conninfo) const {
    return absl::StrReplaceAll(
        conninfo, {{" user=", absl::StrCat(",", folder_, " user=")}});
  }
  void Promote() {
    // It must not wait for a standby of its own.
    AsPostgres(absl::StrCat("pg_ctl -w -D ", data(), " promote >/dev/null"));
  }

 private:
  std::string data() const { return folder_ + "/data"; }
  std::string Ask(const std::string& sql) const {
    return primary_.Query("postgres", sql);
  }
  void AsPostgres(const std::string& command) const {
    OutputOf(absl::StrCat(
        "cd / && PATH=$(ls -d /usr/lib/postgresql/*/bin | tail -1):$PATH "
        "setpriv --reuid postgres --regid postgres --clear-groups ",
        command, " 2>&1"));
  }

  const system::PostgresServer& primary_;
  const std::string folder_;
};

TEST(FailoverTest, LosesNothingWhenTheStandbyTakesOver) {
  if (geteuid() != 0) GTEST_SKIP() << "this test needs to be root";
  system::Ground ground(/*with_redis=*/false);
  Standby standby(ground.postgres());
  system::Suite suite(
      system::Shape::kFourProcesses, {.flags = [&](const std::string& service) {
        std::vector<std::string> flags = system::WithoutRates();
        flags.push_back(
            absl::StrCat("--database=",
                         standby.Both(ground.postgres().ConninfoOf(service))));
        return flags;
      }});
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  Diary diary(suite);
  diary.AwaitMore(100);
  ground.postgres().Crash();
  standby.Promote();
  diary.AwaitMore(100);
  diary.Stop();
  diary.ExpectAllThere();
  Report("postgres handed over to its standby", diary);
}

}  // namespace
}  // namespace praxis::chaos
