// Somebody is removed from a private community while they read: what they ask
// for after the removal was answered, they do not get.
#include <csignal>
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/chaos/effort.h"
#include "tests/chaos/load.h"
#include "tests/system/ground.h"
#include "tests/system/waiting.h"

namespace praxis::chaos {
namespace {

using google::protobuf::Message;
using system::Answer;
using system::Caller;
using system::In;
using system::Of;
using system::Person;
using system::Transport;

// A private community, whoever owns it, and a reader who comes and goes.
class Club {
 public:
  explicit Club(const system::Suite& suite)
      : ada_(Register(suite, Transport::kHttp, "ada")),
        bob_(Register(suite, Transport::kHttp, "bob")),
        community_(Found(ada_.caller, "club", events::v1::PRIVATE)),
        word_(system::Unique("secret")) {
    thread_ = Ask(ada_.caller, community_, "A secret", word_).name();
    auto request = In<resources::v1::CreateResourceRequest>(community_);
    request.mutable_resource()->set_title(word_);
    request.mutable_resource()->set_kind(resources::v1::DOCUMENT);
    request.mutable_resource()->set_text(word_);
    resource_ = ada_.caller.Call<resources::v1::Resource>(request).name();
  }

  void LetIn() { Join(bob_.caller, community_); }

  // Removes the reader; how long it took. It must not take so long that the
  // deadline of the call (5 s) is over, whoever does not answer.
  absl::Duration Remove() {
    const absl::Time sent = absl::Now();
    auto request = Of<members::v1::DeleteMembershipRequest>(
        absl::StrCat(community_, "/memberships", bob_.name.substr(7)));
    request.set_request_id(system::Unique("removal"));
    EXPECT_THAT(ada_.caller.Try(request), system::Answered());
    return absl::Now() - sent;
  }

  // Lets everybody read, or members alone.
  absl::Duration Show(events::v1::Visibility visibility) {
    const absl::Time sent = absl::Now();
    members::v1::UpdateCommunityRequest request;
    request.mutable_community()->set_name(community_);
    request.mutable_community()->set_visibility(visibility);
    request.mutable_update_mask()->add_paths("visibility");
    request.set_request_id(system::Unique("show"));
    EXPECT_THAT(ada_.caller.Try(request), system::Answered());
    return absl::Now() - sent;
  }

  // Every way to what is private here.
  std::vector<std::unique_ptr<Message>> Ways() const {
    std::vector<std::unique_ptr<Message>> ways;
    const auto add = [&](auto request) {
      ways.push_back(std::make_unique<decltype(request)>(request));
    };
    add(Of<discussions::v1::GetThreadRequest>(thread_));
    add(In<discussions::v1::ListThreadsRequest>(community_));
    add(In<discussions::v1::ListThreadsRequest>("communities/-"));
    auto threads = In<discussions::v1::SearchThreadsRequest>("communities/-");
    threads.set_query(absl::StrCat("\"", word_, "\""));
    add(threads);
    add(In<discussions::v1::ListPostsRequest>(thread_));
    add(Of<resources::v1::GetResourceRequest>(resource_));
    add(In<resources::v1::ListResourcesRequest>("communities/-"));
    add(In<members::v1::ListMembershipsRequest>(community_));
    return ways;
  }

  // Whether an answer tells something that only members may know.
  bool IsPrivate(const Answer& answer) const {
    return answer.ok() && answer.bytes.find(community_) != std::string::npos;
  }

  const Person& reader() const { return bob_; }
  const std::string& community() const { return community_; }

 private:
  Person ada_;
  Person bob_;
  const std::string community_;
  const std::string word_;
  std::string thread_;
  std::string resource_;
};

// Reads one club all the time in its reader's name, or in nobody's, and keeps
// account of what it got when.
class Reader {
 public:
  Reader(const system::Suite& suite, const Club& club)
      : Reader(suite, club, club.reader().caller.token()) {}
  Reader(const system::Suite& suite, const Club& club, const std::string& token)
      : club_(club),
        caller_(suite, Transport::kHttp, token),
        thread_([this] { Run(); }) {}
  ~Reader() {
    stop_ = true;
    thread_.join();
  }

  // The removal was answered; before the next, Back is called.
  void Gone() { phase_ = phase_ | 1; }
  void Back() { phase_ = (phase_ | 1) + 1; }
  // Waits until a whole round of reads was made since Gone.
  void AwaitRound() const {
    const int64_t wanted = rounds_ + 2;
    EXPECT_TRUE(system::Eventually([&] { return rounds_ >= wanted; }));
  }

  // What it was told though it was no member any more.
  std::vector<std::string> leaks() const {
    absl::MutexLock lock(&mutex_);
    return leaks_;
  }
  int64_t checks() const { return checks_; }

 private:
  void Run() {
    const auto ways = club_.Ways();
    while (!stop_) {
      for (const auto& way : ways) {
        if (!stop_) ReadOne(*way);
      }
      ++rounds_;
    }
  }

  // An odd phase is one in which the reader has no place in the club. What
  // began and ended in the same one was wholly in it.
  void ReadOne(const Message& way) {
    const int64_t begun = phase_;
    const Answer answer = caller_.Try(way);
    const bool is_private = club_.IsPrivate(answer);
    if (begun % 2 == 0 || phase_ != begun) return;
    ++checks_;
    if (!is_private) return;
    absl::MutexLock lock(&mutex_);
    leaks_.push_back(way.GetTypeName());
  }

  const Club& club_;
  Caller caller_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> phase_{1};
  std::atomic<int64_t> rounds_{0};
  std::atomic<int64_t> checks_{0};
  mutable absl::Mutex mutex_;
  std::vector<std::string> leaks_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

class RevocationTest : public ::testing::Test {
 protected:
  RevocationTest()
      : suite_(system::Shape::kFourProcesses, ground_.OptionsFor(2)) {}
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }

  system::Ground ground_;
  system::Suite suite_;
};

TEST_F(RevocationTest, LeavesNothingToReadWhenItIsAnswered) {
  constexpr int kClubs = 3;
  const int trials = IsSlow() ? 2'900 : 250;
  std::atomic<int64_t> checks{0};
  absl::Mutex mutex;
  std::vector<absl::Duration> times;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClubs; ++i) {
    threads.emplace_back([&] {
      Club club(suite_);
      Reader reader(suite_, club);
      for (int trial = 0; trial < trials; ++trial) {
        reader.Back();
        club.LetIn();
        const absl::Duration took = club.Remove();
        reader.Gone();
        reader.AwaitRound();
        absl::MutexLock lock(&mutex);
        times.push_back(took);
      }
      EXPECT_THAT(reader.leaks(), ::testing::IsEmpty());
      checks += reader.checks();
    });
  }
  for (std::thread& thread : threads) thread.join();
  printf(
      "chaos revocation: %zu removals, %ld reads after them, removal p50 %.1f "
      "ms, p99 %.1f ms\n",
      times.size(), checks.load(), PercentileMs(times, 0.5),
      PercentileMs(times, 0.99));
}

// Two replicas of each service, each as far as it is, and a gateway that keeps
// what they answer to anyone.
TEST_F(RevocationTest, LeavesNobodyAnythingToReadOfWhatWasPublic) {
  Club club(suite_);
  Reader one(suite_, club, "");
  Reader other(suite_, club, "");
  std::vector<absl::Duration> times;
  for (int trial = 0; trial < Scaled(100); ++trial) {
    one.Back();
    other.Back();
    club.Show(events::v1::PUBLIC);
    one.AwaitRound();
    times.push_back(club.Show(events::v1::PRIVATE));
    one.Gone();
    other.Gone();
    one.AwaitRound();
    other.AwaitRound();
  }
  EXPECT_THAT(one.leaks(), ::testing::IsEmpty());
  EXPECT_THAT(other.leaks(), ::testing::IsEmpty());
  printf(
      "chaos revocation: %zu closings, %ld reads after them, closing p50 %.1f "
      "ms, p99 %.1f ms\n",
      times.size(), one.checks() + other.checks(), PercentileMs(times, 0.5),
      PercentileMs(times, 0.99));
}

// What is granted behind the back of the suite is seen as a leak.
TEST_F(RevocationTest, WouldSeeALeak) {
  Club club(suite_);
  Reader reader(suite_, club);
  reader.Back();
  club.LetIn();
  club.Remove();
  reader.Gone();
  reader.AwaitRound();
  EXPECT_THAT(reader.leaks(), ::testing::IsEmpty());
  ground_.postgres().Query(
      "discussions",
      absl::StrCat("INSERT INTO access_grants (scope, principal, role) "
                   "VALUES ('",
                   club.community(), "', '", club.reader().name, "', 2)"));
  reader.AwaitRound();
  EXPECT_THAT(reader.leaks(), ::testing::Not(::testing::IsEmpty()));
}

// One of two replicas stands still: it cannot say that it knows. It goes on
// with what it had when it stopped, and must not go by it.
TEST_F(RevocationTest, DoesNotWaitForWhoStandsStillAndIsNotBetrayedByIt) {
  Club club(suite_);
  system::Process& still = suite_.process("discussions-2");
  system::GrpcClient grpc;
  const auto ask = [&](const Message& way) {
    return grpc.Unary(suite_.GrpcAddressOfPart(still.name()),
                      system::PathOf(system::MethodOf(way)),
                      way.SerializeAsString(),
                      system::BearerOf(club.reader().caller.token()));
  };
  const auto ways = club.Ways();
  Load load(suite_, /*readers=*/2, /*writers=*/1);
  Fare meanwhile;
  std::vector<absl::Duration> times;
  std::map<std::string, int> after;
  for (int trial = 0; trial < Scaled(2); ++trial) {
    club.LetIn();
    EXPECT_TRUE(
        system::Eventually([&] { return club.IsPrivate(ask(*ways[0])); }));
    load.Take();
    still.Signal(SIGSTOP);
    times.push_back(club.Remove());
    still.Signal(SIGCONT);
    meanwhile = load.Take();
    // Of discussions.
    for (size_t i = 0; i < 5; ++i) {
      const Answer answer = ask(*ways[i]);
      EXPECT_FALSE(club.IsPrivate(answer)) << ways[i]->GetTypeName();
      ++after[absl::StrCat(google::rpc::Code_Name(answer.code), " ",
                           answer.reason)];
    }
  }
  printf(
      "chaos revocation, a replica stands still: removal p50 %.0f ms, most "
      "%.0f ms; asked when it goes on, it said",
      PercentileMs(times, 0.5), PercentileMs(times, 1));
  for (const auto& [what, count] : after) {
    printf(" %d x %s,", count, what.c_str());
  }
  printf("\nchaos revocation, others meanwhile: %s\n",
         Summary(meanwhile).c_str());
}

}  // namespace
}  // namespace praxis::chaos
