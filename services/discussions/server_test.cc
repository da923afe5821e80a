// What holds for the service as a whole: see also permissions_test.cc and
// visible_test.cc.
#include "services/discussions/server.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "praxis/options/v1/options.pb.h"
#include "services/common/events/log.h"
#include "services/common/events/source.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/pipeline.h"
#include "services/common/status/status.h"
#include "services/common/testing/access_source.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/discussions/testing/discussions.h"

namespace praxis::discussions {
namespace {

using ::google::protobuf::Message;
using ::google::protobuf::MethodDescriptor;
using ::praxis::testing::Caller;
using ::praxis::testing::FailsWith;
using ::praxis::testing::Succeeds;
using ::praxis::testing::TemporaryFolder;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// "lean" is public; Ada is a member.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    server_.Found("lean", events::v1::PUBLIC);
    server_.Join("lean", "ada");
  }

  std::vector<const MethodDescriptor*> WritingMethods() {
    std::vector<const MethodDescriptor*> methods;
    for (const auto* service :
         server_.server().pipeline().methods().Services()) {
      for (int i = 0; i < service->method_count(); ++i) {
        if (service->method(i)->options().idempotency_level() !=
            google::protobuf::MethodOptions::NO_SIDE_EFFECTS) {
          methods.push_back(service->method(i));
        }
      }
    }
    return methods;
  }

  // A request of each writing method that Ada can make, by its name. What it
  // needs is there already, so that the call's events are the only new ones.
  std::map<std::string, std::unique_ptr<Message>> WritingRequests() {
    const v1::Thread thread =
        server_.CreateThread("ada", testing::ThreadIn("lean", "A question"));
    const v1::Post post =
        server_.CreatePost("ada", testing::PostIn(thread.name(), "A reply"));
    v1::ResolveThreadRequest resolve;
    resolve.set_name(thread.name());
    *resolve.mutable_outcome() = testing::OutcomeFor(thread.kind());
    v1::UpdatePostRequest update;
    *update.mutable_post() = post;
    update.mutable_post()->set_body("A better reply");

    std::map<std::string, std::unique_ptr<Message>> requests;
    const auto add = [&](const char* method, const auto& request) {
      requests[method] =
          std::make_unique<std::decay_t<decltype(request)>>(request);
    };
    add("CreateThread", testing::ThreadIn("lean", "Another question"));
    add("ResolveThread", resolve);
    add("CreatePost", testing::PostIn(thread.name(), "Another reply"));
    add("UpdatePost", update);
    return requests;
  }

  testing::Discussions server_;
};

TEST_F(ServerTest, EmitsTheDeclaredEventsOfEveryWriteExactlyOnce) {
  const auto requests = WritingRequests();
  for (const MethodDescriptor* method : WritingMethods()) {
    ASSERT_TRUE(requests.contains(method->name())) << method->full_name();
    const size_t before = server_.Events().size();
    ASSERT_THAT(server_.Call<google::protobuf::Empty>(
                    "ada", *requests.at(method->name())),
                Succeeds())
        << method->full_name();

    const auto after = server_.server().log().Read(before, 100);
    ASSERT_THAT(after, Succeeds());
    std::vector<std::string> types;
    for (const events::v1::Event& event : after->events()) {
      types.push_back(event.type());
    }
    EXPECT_THAT(
        types, ElementsAreArray(
                   method->options().GetExtension(options::v1::policy).emits()))
        << method->full_name();
  }
}

TEST_F(ServerTest, TellsInAnEventWhatWhoAndWhen) {
  const v1::Thread thread =
      server_.CreateThread("ada", testing::ThreadIn("lean", "A question"));
  const events::v1::Event event = server_.LastEvent();
  EXPECT_EQ(event.number(), 1);
  EXPECT_EQ(event.source(), "services/discussions");
  EXPECT_EQ(event.type(), "thread.created");
  EXPECT_EQ(event.name(), thread.name());
  EXPECT_EQ(event.actor(), "members/ada");
  EXPECT_EQ(event.time().ShortDebugString(),
            thread.create_time().ShortDebugString());
  EXPECT_THAT(event.trace_id(), SizeIs(32));
  v1::Thread data;
  ASSERT_TRUE(event.data().UnpackTo(&data));
  EXPECT_EQ(data.ShortDebugString(), thread.ShortDebugString());
  EXPECT_FALSE(event.has_access());
}

TEST_F(ServerTest, EmitsNothingForAWriteThatIsRefused) {
  const v1::Thread thread =
      server_.CreateThread("ada", testing::ThreadIn("lean", "A question"));
  const size_t before = server_.Events().size();
  v1::ResolveThreadRequest request;
  request.set_name(thread.name());
  *request.mutable_outcome() = testing::OutcomeFor(v1::VISIT);
  EXPECT_THAT(server_.Call<v1::Thread>("ada", request),
              FailsWith(Reason::OUTCOME_MISMATCH));
  EXPECT_THAT(server_.Events(), SizeIs(before));
}

// Calls the same thing from `count` threads at once.
template <typename Response, typename Request>
std::vector<absl::StatusOr<Response>> CallAtOnce(testing::Discussions& server,
                                                 const Request& request,
                                                 int count) {
  std::vector<absl::StatusOr<Response>> responses(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back(
        [&, i] { responses[i] = server.Call<Response>("ada", request); });
  }
  for (std::thread& thread : threads) thread.join();
  return responses;
}

TEST_F(ServerTest, ActsOnceOnIdenticalRequestsThatComeAtOnce) {
  auto requests = WritingRequests();
  for (const MethodDescriptor* method : WritingMethods()) {
    Message& request = *requests.at(method->name());
    request.GetReflection()->SetString(
        &request, request.GetDescriptor()->FindFieldByName("request_id"),
        absl::StrCat("once-", method->name()));
    const size_t before = server_.Events().size();

    const auto responses =
        CallAtOnce<google::protobuf::Empty>(server_, request, 8);
    std::set<std::string> answers;
    for (const auto& response : responses) {
      ASSERT_THAT(response, Succeeds()) << method->full_name();
      answers.insert(response->SerializeAsString());
    }
    EXPECT_THAT(answers, SizeIs(1)) << method->full_name();
    EXPECT_THAT(server_.Events(), SizeIs(before + 1)) << method->full_name();
  }
}

TEST_F(ServerTest, TakesARequestIdForOneRequestOnly) {
  v1::CreateThreadRequest request = testing::ThreadIn("lean", "A question");
  request.set_request_id("once");
  ASSERT_THAT(server_.Call<v1::Thread>("ada", request), Succeeds());
  request.mutable_thread()->set_title("Another question");
  EXPECT_THAT(server_.Call<v1::Thread>("ada", request),
              FailsWith(Reason::REQUEST_ID_REUSED));
  EXPECT_THAT(*server_.ListThreads("ada", "lean"), SizeIs(1));
}

TEST_F(ServerTest, CountsAndKeepsEveryPostOfManyWritersInTheOrderOfTheirIds) {
  const v1::Thread thread =
      server_.CreateThread("ada", testing::ThreadIn("lean", "A question"));
  constexpr int kRounds = 10;
  constexpr int kAtOnce = 8;
  for (int round = 0; round < kRounds; ++round) {
    CallAtOnce<v1::Post>(server_, testing::PostIn(thread.name(), "A reply"),
                         kAtOnce);
  }
  EXPECT_EQ(server_.GetThread("ada", thread.name())->post_count(),
            kRounds * kAtOnce);
  std::vector<std::string> names;
  const auto posts = server_.ListPosts("ada", thread.name(), 7);
  ASSERT_THAT(posts, Succeeds());
  for (const v1::Post& post : *posts) names.push_back(post.name());
  EXPECT_THAT(std::set<std::string>(names.begin(), names.end()),
              SizeIs(kRounds * kAtOnce));
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST_F(ServerTest, LetsInWhoHasJustJoined) {
  server_.Found("private", events::v1::PRIVATE);
  // Straight into members' log: nothing waits until the server has heard.
  for (int i = 0; i < 20; ++i) {
    const std::string person = absl::StrCat("new", i);
    server_.members().SetRole("communities/private",
                              absl::StrCat("members/", person),
                              events::v1::MEMBER);
    EXPECT_THAT(
        server_.Call<v1::Thread>(person, testing::ThreadIn("private", "Hello")),
        Succeeds());
  }
}

TEST(DiscussionsServer, HasEverythingAfterARestart) {
  TemporaryFolder folder;
  praxis::testing::TestHost host;
  praxis::testing::AccessSource members;
  members.SetVisibility("communities/lean", events::v1::PRIVATE);
  members.SetRole("communities/lean", "members/ada", events::v1::MEMBER);
  const DiscussionsServer::Options options = {.data_dir = folder.path(),
                                              .secrets_dir = folder.path()};
  v1::Thread thread;
  v1::ListThreadsRequest list;
  list.set_parent("communities/lean");
  list.set_page_size(1);
  {
    const auto server =
        DiscussionsServer::Start(options, host.host(), members.log());
    ASSERT_THAT(server, Succeeds());
    Caller caller(host, (*server)->pipeline());
    for (int i = 0; i < 2; ++i) {
      thread = *caller.Call<v1::Thread>("members/ada",
                                        testing::ThreadIn("lean", "Kept"));
    }
    list.set_page_token(
        caller.Call<v1::ListThreadsResponse>("members/ada", list)
            ->next_page_token());
  }
  const auto server =
      DiscussionsServer::Start(options, host.host(), members.log());
  ASSERT_THAT(server, Succeeds());
  EXPECT_THAT((*server)->Check(), Succeeds());
  Caller caller(host, (*server)->pipeline());
  v1::GetThreadRequest get;
  get.set_name(thread.name());
  EXPECT_EQ(caller.Call<v1::Thread>("members/ada", get)->title(), "Kept");
  EXPECT_THAT(caller.Call<v1::Thread>("members/eve", get),
              FailsWith(Reason::ROLE_INSUFFICIENT));
  // A page token outlives the process, as its key does.
  EXPECT_EQ(
      caller.Call<v1::ListThreadsResponse>("members/ada", list)->threads_size(),
      1);
  EXPECT_THAT((*server)->log().Read(0, 10)->events(), SizeIs(2));
}

// A source that can be reached when the test says so; at first it cannot.
class FarSource : public events::Source {
 public:
  explicit FarSource(events::Source& source) : source_(source) {}

  void SetReachable(bool reachable) { reachable_.store(reachable); }

  const std::string& name() const override { return source_.name(); }
  absl::StatusOr<events::v1::ReadEventsResponse> Read(int64_t after,
                                                      int limit) override {
    if (reachable_.load()) return source_.Read(after, limit);
    return Error(Reason::BACKEND_UNAVAILABLE, "Not there.");
  }
  absl::StatusOr<events::v1::ReadEventsResponse> Next(
      int64_t after, int limit, absl::Duration timeout) override {
    auto events = source_.Next(after, limit, timeout);
    return reachable_.load() ? std::move(events) : Read(after, limit);
  }
  absl::StatusOr<events::Grant> Ack(absl::string_view consumer,
                                    int64_t number) override {
    if (!reachable_.load()) {
      return Error(Reason::BACKEND_UNAVAILABLE, "Not there.");
    }
    return source_.Ack(consumer, number);
  }
  absl::Status Leave(absl::string_view consumer) override {
    return source_.Leave(consumer);
  }
  void Interrupt() override { source_.Interrupt(); }
  void Wake() override { source_.Wake(); }

 private:
  events::Source& source_;
  std::atomic<bool> reachable_{false};
};

TEST(DiscussionsServer, IsReadyOnceItHasHeardFromMembersAndStaysSo) {
  praxis::testing::TestHost host;
  praxis::testing::AccessSource members;
  members.SetVisibility("communities/lean", events::v1::PUBLIC);
  FarSource source(members.log());
  const auto server =
      DiscussionsServer::Start({.in_memory = true}, host.host(), source);
  ASSERT_THAT(server, Succeeds());
  EXPECT_THAT((*server)->Check(), FailsWith(Reason::BACKEND_UNAVAILABLE));
  source.SetReachable(true);
  EXPECT_TRUE(
      praxis::testing::Eventually([&] { return (*server)->Check().ok(); }));

  source.SetReachable(false);
  EXPECT_THAT((*server)->Check(), Succeeds());
  v1::ListThreadsRequest list;
  list.set_parent("communities/lean");
  EXPECT_THAT(Caller(host, (*server)->pipeline())
                  .Call<v1::ListThreadsResponse>("", list),
              Succeeds());
}

TEST(DiscussionsServer, DoesNotStartWithoutItsFolder) {
  praxis::testing::TestHost host;
  praxis::testing::AccessSource members;
  EXPECT_FALSE(DiscussionsServer::Start({.data_dir = "/nowhere/at/all",
                                         .secrets_dir = "/nowhere/at/all"},
                                        host.host(), members.log())
                   .ok());
}

}  // namespace
}  // namespace praxis::discussions
