// Anonymous reads: kept by the gateway while they may be, and never when not.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/http_client.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using ::testing::HasSubstr;

constexpr char kHits[] = "praxis_gateway_cache_hits_total";

// A public community with a thread in it, and whoever owns it.
struct Square {
  explicit Square(const Suite& suite, Transport transport = Transport::kHttp)
      : ada(Register(suite, transport, "ada")),
        community(Found(ada.caller, "square", events::v1::PUBLIC)),
        word(Unique("word")),
        thread(Ask(ada.caller, community, word, word).name()) {
    Reply(ada.caller, thread, word);
  }

  void Show(events::v1::Visibility visibility) {
    members::v1::UpdateCommunityRequest request;
    request.mutable_community()->set_name(community);
    request.mutable_community()->set_visibility(visibility);
    request.mutable_update_mask()->add_paths("visibility");
    request.set_request_id(Unique("show"));
    EXPECT_THAT(ada.caller.Try(request), Answered());
  }
  // Every way to what only members may read where it is not public.
  std::vector<std::string> Ways() const {
    return {absl::StrCat("/v1/", thread),
            absl::StrCat("/v1/", thread, "/posts"),
            absl::StrCat("/v1/", community, "/threads"),
            absl::StrCat("/v1/", community, "/threads:search?query=", word)};
  }

  Person ada;
  const std::string community;
  const std::string word;
  const std::string thread;
};

// A metric of the gateway: its first series whose line begins so.
double MetricOf(const Suite& suite, absl::string_view begin) {
  for (const absl::string_view line : absl::StrSplit(
           HttpClient(suite.http_port()).Get("/metrics").body, '\n')) {
    double value = 0;
    if (absl::StartsWith(line, begin) &&
        absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) {
      return value;
    }
  }
  return -1;
}

// Asks anonymously until the gateway answers by itself.
bool IsKept(const Suite& suite, const HttpClient& client,
            const std::string& target) {
  const double before = MetricOf(suite, kHits);
  EXPECT_EQ(client.Get(target).status, 200) << target;
  return MetricOf(suite, kHits) > before;
}

class CachedReadsTest : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  bool IsKeptSoon(const std::string& target) {
    return Eventually([&] { return IsKept(suite_, client(), target); });
  }
  HttpClient client() const { return HttpClient(suite_.http_port()); }

  Suite suite_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Shapes, CachedReadsTest, BothShapes(), NameOfShape);

TEST_P(CachedReadsTest, AreAnsweredByTheGatewayAlone) {
  Square square(suite_);
  for (const std::string& way : square.Ways()) {
    const std::string first = client().Get(way).body;
    EXPECT_THAT(first, HasSubstr(square.word)) << way;
    EXPECT_TRUE(IsKeptSoon(way)) << way;
    EXPECT_EQ(client().Get(way).body, first) << way;
  }
  EXPECT_TRUE(IsKeptSoon(absl::StrCat("/v1/", square.community)));
}

TEST_P(CachedReadsTest, ShowWhatIsNewWhenItsEventIsThere) {
  Square square(suite_);
  Caller grpc(suite_, Transport::kGrpc, square.ada.caller.token());
  const std::string posts = square.Ways()[1];
  for (int i = 0; i < 20; ++i) {
    const std::string before = client().Get(posts).body;
    const std::string said = Unique("said");
    // By HTTP through the gateway itself, which knows at once.
    Reply(i % 2 == 0 ? grpc : square.ada.caller, square.thread, said);
    if (i % 2 == 1) {
      EXPECT_THAT(client().Get(posts).body, HasSubstr(said));
    }
    EXPECT_TRUE(Eventually(
        [&] { return absl::StrContains(client().Get(posts).body, said); }));
  }
}

TEST_P(CachedReadsTest, AreNotForWhoSignsIn) {
  Square square(suite_);
  const std::string way = square.Ways()[0];
  ASSERT_TRUE(IsKeptSoon(way));
  const double before = MetricOf(suite_, kHits);
  EXPECT_EQ(client().Get(way, square.ada.caller.token()).status, 200);
  EXPECT_EQ(client().Get(way, "of nobody").status, 401);
  EXPECT_EQ(MetricOf(suite_, kHits), before);
}

// Reads one square all the time, as nobody, and notes what it was given though
// it was not public any more.
class Passer {
 public:
  Passer(const Suite& suite, const Square& square)
      : suite_(suite), square_(square), thread_([this] { Run(); }) {}
  ~Passer() {
    stop_ = true;
    thread_.join();
  }

  // The change to PRIVATE was answered; before the change back, Open is called.
  void Closed() { phase_ = phase_ | 1; }
  void Open() { phase_ = (phase_ | 1) + 1; }
  void AwaitRound() const {
    const int64_t wanted = rounds_ + 2;
    EXPECT_TRUE(Eventually([&] { return rounds_ >= wanted; }));
  }
  int leaks() const { return leaks_; }
  int checks() const { return checks_; }
  int seen() const { return seen_; }

 private:
  // What began and ended in one odd phase was wholly in it.
  void Run() {
    const HttpClient client(suite_.http_port());
    const std::vector<std::string> ways = square_.Ways();
    while (!stop_) {
      for (const std::string& way : ways) {
        const int64_t begun = phase_;
        const bool given = client.Get(way).status == 200;
        if (given) ++seen_;
        if (begun % 2 == 0 || phase_ != begun) continue;
        ++checks_;
        if (given) ++leaks_;
      }
      ++rounds_;
    }
  }

  const Suite& suite_;
  const Square& square_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> phase_{0};
  std::atomic<int64_t> rounds_{0};
  std::atomic<int> leaks_{0};
  std::atomic<int> checks_{0};
  std::atomic<int> seen_{0};
  std::thread thread_;
};

TEST_P(CachedReadsTest, GiveNothingThatIsNotPublicAnyMore) {
  Square square(suite_, Transport::kGrpc);
  Passer one(suite_, square);
  Passer other(suite_, square);
  for (int trial = 0; trial < 60; ++trial) {
    one.AwaitRound();
    square.Show(events::v1::PRIVATE);
    one.Closed();
    other.Closed();
    one.AwaitRound();
    other.AwaitRound();
    one.Open();
    other.Open();
    square.Show(events::v1::PUBLIC);
  }
  EXPECT_EQ(one.leaks() + other.leaks(), 0);
  EXPECT_GT(one.checks() + other.checks(), 0);
  EXPECT_GT(MetricOf(suite_, kHits), 0);
  printf(
      "cached reads: %d given while public, %d asked for after 60 closings\n",
      one.seen() + other.seen(), one.checks() + other.checks());
}

// The programs of the suite one by one.
class CachedReadsApartTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }
  void TearDown() override { ShowLogsOnFailure(suite_); }
  HttpClient client() const { return HttpClient(suite_.http_port()); }
  bool IsKeptSoon(const std::string& target) {
    return Eventually([&] { return IsKept(suite_, client(), target); });
  }

  Suite suite_{Shape::kFourProcesses};
};

// It stands still with what was public in its hands. Whoever asks meanwhile
// is answered when it goes on, and not by what it had.
TEST_F(CachedReadsApartTest, AreNotGivenByAGatewayThatStoodStill) {
  Square square(suite_, Transport::kGrpc);
  Process& gateway = suite_.process("gateway");
  for (int trial = 0; trial < 2; ++trial) {
    for (const std::string& way : square.Ways()) {
      ASSERT_TRUE(IsKeptSoon(way));
    }
    gateway.Signal(SIGSTOP);
    square.Show(events::v1::PRIVATE);
    std::vector<std::future<int>> answers;
    for (const std::string& way : square.Ways()) {
      answers.push_back(std::async(std::launch::async, [this, way] {
        return client().Get(way).status;
      }));
    }
    gateway.Signal(SIGCONT);
    for (auto& answer : answers) EXPECT_EQ(answer.get(), 401);
    square.Show(events::v1::PUBLIC);
  }
}

TEST_F(CachedReadsApartTest, AreAskedForWhileItsEventsDoNotCome) {
  Square square(suite_);
  const std::string way = square.Ways()[0];
  for (const std::string source : {"members", "resources"}) {
    const std::string lease = absl::StrCat(
        "praxis_gateway_cache_lease_held{source=\"services/", source, "\"}");
    ASSERT_TRUE(IsKeptSoon(way));
    suite_.process(source).Kill();
    EXPECT_TRUE(Eventually([&] { return MetricOf(suite_, lease) == 0; }));
    // What is public goes on being read.
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(IsKept(suite_, client(), way));
    suite_.Launch();
    EXPECT_TRUE(Eventually([&] { return MetricOf(suite_, lease) == 1; }));
  }
  EXPECT_TRUE(IsKeptSoon(way));
}

}  // namespace
}  // namespace praxis::system
