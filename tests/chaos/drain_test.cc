// Every process is restarted in turn while people read and write: what an
// upgrade does. Nobody notices.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/chaos/effort.h"
#include "tests/system/answer.h"
#include "tests/system/ground.h"
#include "tests/system/http_client.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::chaos {
namespace {

using system::HttpClient;
using system::HttpRequest;
using system::HttpResponse;
using system::In;

// What a load balancer does before two gateways, for one of its clients: takes
// them in turn over connections that it keeps, and asks the other one when a
// connection is refused, or is closed before a byte of the answer has come. It
// may, for every request here is a GET or has an Idempotency-Key. (libcurl does
// its part: it sends nothing more after "Connection: close", and it sends again
// what it had sent on a kept connection that turns out to be closed.)
class Balancer {
 public:
  Balancer(int first, int second)
      : gateways_{HttpClient(first), HttpClient(second)} {}

  HttpResponse Send(const HttpRequest& request) {
    HttpResponse response = gateways_[turn_ ^= 1].Send(request);
    if (response.status != 0) return response;
    ++moved_;
    return gateways_[turn_ ^ 1].Send(request);
  }
  // Requests that the other gateway got.
  int moved() const { return moved_; }

 private:
  HttpClient gateways_[2];
  int turn_ = 0;
  int moved_ = 0;
};

// People who read and write, through a balancer each.
class Crowd {
 public:
  Crowd(const system::Suite& suite, int other_gateway, int people)
      : suite_(suite),
        other_gateway_(other_gateway),
        ada_(Register(suite, system::Transport::kHttp, "ada")) {
    community_ = Found(ada_.caller, "square", events::v1::PUBLIC);
    for (int i = 0; i < people; ++i) {
      threads_.push_back(
          Ask(ada_.caller, community_, "A talk", "What is new?").name());
    }
    for (int i = 0; i < people; ++i) {
      running_.emplace_back([this, i] { Run(threads_[i]); });
    }
  }
  ~Crowd() { Stop(); }

  void Stop() {
    stop_ = true;
    for (std::thread& thread : running_) thread.join();
    running_.clear();
  }

  int requests() const { return requests_; }
  int written() const { return written_; }
  int moved() const { return moved_; }
  std::map<std::string, int> failed() {
    absl::MutexLock lock(&mutex_);
    return failed_;
  }

  // After Stop: the posts that there are.
  int CountPosts() {
    int count = 0;
    for (const std::string& thread : threads_) {
      auto request = In<discussions::v1::ListPostsRequest>(thread);
      request.set_page_size(200);
      do {
        const auto page =
            ada_.caller.Call<discussions::v1::ListPostsResponse>(request);
        count += page.posts_size();
        request.set_page_token(page.next_page_token());
      } while (!request.page_token().empty());
    }
    return count;
  }

 private:
  void Run(const std::string& thread) {
    Balancer balancer(suite_.http_port(), other_gateway_);
    const std::string posts = absl::StrCat("/v1/", thread, "/posts");
    const std::string reads[] = {
        absl::StrCat("/v1/", thread), absl::StrCat("/v1/", community_),
        absl::StrCat(posts, "?pageSize=5"),
        absl::StrCat("/v1/", community_, "/resources")};
    for (int i = 0; !stop_; ++i) {
      if (i % 5 != 4) {
        Note("GET", balancer.Send({.target = reads[i % 5],
                                   .token = ada_.caller.token()}));
        continue;
      }
      Note("POST",
           balancer.Send(
               {.method = "POST",
                .target = posts,
                .token = ada_.caller.token(),
                .fields = {absl::StrCat("Idempotency-Key: ", thread, "-", i)},
                .body = "{\"body\":\"Nothing that I know of.\"}"}));
      ++written_;
    }
    moved_ += balancer.moved();
  }

  void Note(const char* method, const HttpResponse& response) {
    ++requests_;
    if (response.status == 200 && response.error.empty()) return;
    absl::MutexLock lock(&mutex_);
    ++failed_[absl::StrCat(method, " ", response.status, " ", response.error,
                           " ", system::AnswerOfBody(response).reason)];
  }

  const system::Suite& suite_;
  const int other_gateway_;
  system::Person ada_;
  std::string community_;
  std::vector<std::string> threads_;
  std::atomic<bool> stop_{false};
  std::atomic<int> requests_{0};
  std::atomic<int> written_{0};
  std::atomic<int> moved_{0};
  absl::Mutex mutex_;
  std::map<std::string, int> failed_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> running_;
};

class DrainTest : public ::testing::Test {
 protected:
  DrainTest() : suite_(system::Shape::kFourProcesses, Options()) {}

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(suite_.Start());
    gateway_ = std::make_unique<system::Process>(
        "gateway-2", suite_.process("gateway").program(),
        suite_.folder() + "/gateway-2.log");
    gateway_->Start(GatewayFlags(/*port=*/0));
    port_ = gateway_->ServingPort("port").value_or(0);
    ASSERT_NE(port_, 0);
  }

  void RestartBackend(const std::string& part) {
    system::Process& process = suite_.process(part);
    process.Signal(SIGTERM);
    EXPECT_EQ(process.AwaitExit(), 0) << part;
    suite_.Start();
  }
  void RestartGateway() {
    gateway_->Signal(SIGTERM);
    EXPECT_EQ(gateway_->AwaitExit(), 0);
    gateway_->Start(GatewayFlags(port_));
    EXPECT_EQ(gateway_->ServingPort("port"), port_);
  }

  system::Ground ground_;
  system::Suite suite_;
  std::unique_ptr<system::Process> gateway_;
  int port_ = 0;

 private:
  system::Suite::Options Options() {
    system::Suite::Options options = ground_.OptionsFor(/*replicas=*/2);
    options.drain_grace = absl::Milliseconds(200);
    return options;
  }
  std::vector<std::string> GatewayFlags(int port) const {
    std::vector<std::string> flags = {absl::StrCat("--port=", port),
                                      "--drain_grace=200ms",
                                      "--address_rate=0"};
    for (const std::string service : {"members", "discussions", "resources"}) {
      flags.push_back(absl::StrCat("--", service, "=",
                                   suite_.GrpcAddressOfPart(service), ",",
                                   suite_.GrpcAddressOfPart(service + "-2")));
    }
    return flags;
  }
};

TEST_F(DrainTest, FailsNoRequestWhileEveryProcessIsRestarted) {
  const int restarts = IsSlow() ? 10 : 2;
  const int requests = IsSlow() ? 100'000 : 5'000;
  Crowd crowd(suite_, port_, /*people=*/8);
  for (int i = 0; i < restarts; ++i) {
    for (const char* part : {"members", "members-2", "discussions",
                             "discussions-2", "resources", "resources-2"}) {
      RestartBackend(part);
    }
    RestartGateway();
  }
  EXPECT_TRUE(system::Eventually([&] { return crowd.requests() >= requests; },
                                 absl::Minutes(5)));
  crowd.Stop();
  printf(
      "chaos drain: %d requests, %d of them writes, while each of 6 replicas "
      "and one of 2 gateways was restarted %d times; %d asked the other "
      "gateway\n",
      crowd.requests(), crowd.written(), restarts, crowd.moved());
  EXPECT_THAT(crowd.failed(), ::testing::IsEmpty());
  EXPECT_EQ(crowd.CountPosts(), crowd.written());
}

// A replica that hangs holds its callers up for no longer than it takes to find
// out, and what was safe to repeat does not fail.
TEST_F(DrainTest, FailsNoRequestWhileAReplicaHangs) {
  Crowd crowd(suite_, port_, /*people=*/8);
  system::Process& hanging = suite_.process("discussions-2");
  hanging.Signal(SIGSTOP);
  // Everybody meets it, and goes on without it.
  const int before = crowd.requests();
  EXPECT_TRUE(system::Eventually(
      [&] { return crowd.requests() >= before + 5'000; }, absl::Minutes(2)));
  hanging.Signal(SIGCONT);
  crowd.Stop();
  EXPECT_THAT(crowd.failed(), ::testing::IsEmpty());
  EXPECT_EQ(crowd.CountPosts(), crowd.written());
}

}  // namespace
}  // namespace praxis::chaos
