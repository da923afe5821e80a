// Processes that go away, by order or not, and what goes on meanwhile.
#include <csignal>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/documents.h"
#include "tests/system/json.h"
#include "tests/system/raw_socket.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A suite for each test: its processes are stopped.
class ShutdownTest : public ::testing::TestWithParam<Shape> {
 protected:
  ShutdownTest()
      : suite_(GetParam(), {.drain_grace = absl::Milliseconds(1500)}) {}

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(suite_.Start());
    ada_ = std::make_unique<Person>(Register(suite_, Transport::kHttp, "ada"));
    community_ = Found(ada_->caller, "dock", events::v1::PUBLIC);
    thread_ = Ask(ada_->caller, community_, "A ship", "When does it leave?");
    file_ = AddFile(ada_->caller, community_, "A cargo list");
  }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  HttpResponse Get(const std::string& target) const {
    return HttpClient(suite_.http_port()).Get(target);
  }
  // Of a call to one of the services.
  HttpResponse GetThread() const {
    return HttpClient(suite_.http_port())
        .Get(absl::StrCat("/v1/", thread_.name()), ada_->caller.token());
  }
  HttpResponse GetFile() const {
    return HttpClient(suite_.http_port())
        .Get(absl::StrCat("/v1/", file_.name()), ada_->caller.token());
  }
  HttpResponse GetMe() const {
    return HttpClient(suite_.http_port())
        .Get("/v1/members/me", ada_->caller.token());
  }

  // The process has said so in its log.
  static bool Said(const Process& process, const std::string& message) {
    return absl::StrContains(process.Log(),
                             absl::StrCat("\"message\":\"", message, "\""));
  }

  Suite suite_;
  std::unique_ptr<Person> ada_;
  std::string community_;
  discussions::v1::Thread thread_;
  resources::v1::Resource file_;
};

class BackendTest : public ShutdownTest {};

INSTANTIATE_TEST_SUITE_P(Shapes, ShutdownTest, BothShapes(), NameOfShape);
INSTANTIATE_TEST_SUITE_P(Shapes, BackendTest,
                         ::testing::Values(Shape::kFourProcesses), NameOfShape);

TEST_P(ShutdownTest, FinishesWhatIsUnderWay) {
  const std::string bytes = ByteStream(23).Take(200'000);
  RawSocket upload(suite_.http_port());
  ASSERT_TRUE(upload.Send(absl::StrCat(
      "POST /v1/", file_.name(), ":upload?filename=a HTTP/1.1\r\nHost: h\r\n",
      "Authorization: Bearer ", ada_->caller.token(), "\r\nContent-Length: ",
      bytes.size(), "\r\n\r\n", bytes.substr(0, 100'000))));
  // A request that is known to have begun: the upload's connection came first.
  ASSERT_EQ(GetMe().status, 200);

  Process& front = suite_.process("gateway");
  front.Signal(SIGTERM);
  // Balancers look away first; all is served on meanwhile.
  EXPECT_TRUE(Eventually([&] { return Get("/readyz").status == 503; },
                         absl::Seconds(1)));
  const HttpResponse meanwhile = GetThread();
  EXPECT_EQ(meanwhile.status, 200);
  EXPECT_EQ(meanwhile["connection"], "close");
  EXPECT_EQ(Get("/livez").status, 200);
  // Until nothing new is taken.
  EXPECT_TRUE(Eventually([&] { return Get("/livez").status == 0; }));
  EXPECT_TRUE(front.running());

  ASSERT_TRUE(upload.Send(bytes.substr(100'000)));
  const std::string answer = upload.ReadAnswer();
  EXPECT_EQ(StatusOf(answer), 200) << answer;
  EXPECT_EQ(front.AwaitExit(), 0);
  EXPECT_TRUE(Said(front, "draining"));
  EXPECT_TRUE(Said(front, "stopped"));

  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  EXPECT_TRUE(HttpClient(suite_.http_port())
                  .Get(absl::StrCat("/v1/", file_.name(), ":download"))
                  .body == bytes);
}

TEST_P(ShutdownTest, EndsEveryProcessInOrder) {
  // A watcher, and a connection that idles, hold nothing up.
  GrpcClient grpc;
  events::v1::WatchEventsRequest watch;
  watch.set_source("services/members");
  const auto watcher = grpc.Open(
      suite_.GrpcAddressOf("services/members"), PathOf(MethodOf(watch)),
      BearerOf(ServiceOf(suite_, "services/discussions").token()));
  watcher->Write(watch.SerializeAsString());
  watcher->WritesDone();
  EXPECT_TRUE(watcher->Read().has_value());
  RawSocket idle(suite_.http_port());
  idle.Send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(StatusOf(idle.ReadAnswer()), 200);

  const std::vector<Process*> processes = suite_.processes();
  for (auto process = processes.rbegin(); process != processes.rend();
       ++process) {
    (*process)->Signal(SIGTERM);
    EXPECT_EQ((*process)->AwaitExit(), 0) << (*process)->name();
    EXPECT_TRUE(Said(**process, "stopped")) << (*process)->name();
  }
  EXPECT_EQ(watcher->Finish().code, google::rpc::UNAVAILABLE);
  EXPECT_EQ(idle.ReadToEnd(), "");

  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  EXPECT_EQ(GetThread().status, 200);
}

TEST_P(ShutdownTest, RefusesToStartOnWhatItCannotUse) {
  Process& first = *suite_.processes().front();
  Process second("second", first.program(), suite_.folder() + "/second.log");
  const std::string data = absl::StrCat("--data=", suite_.folder(), "/other");
  // The address is taken.
  const std::string address = suite_.grpc_addresses().front();
  const std::string port =
      GetParam() == Shape::kOneProcess
          ? absl::StrCat("--grpc_port=", address.substr(address.find(':') + 1))
          : absl::StrCat("--listen=", address);
  second.Start({data, port});
  EXPECT_EQ(second.AwaitExit(), 1);
  EXPECT_TRUE(Said(second, "cannot serve")) << second.Log();
  // A flag that there is not.
  second.Start({"--no_such_flag=1"});
  EXPECT_NE(second.AwaitExit().value_or(0), 0);
  // A folder for data that cannot be made.
  second.Start({"--data=/proc/praxis"});
  EXPECT_EQ(second.AwaitExit(), 1);
  EXPECT_TRUE(Said(second, "cannot serve")) << second.Log();
  EXPECT_TRUE(first.running());
}

TEST_P(BackendTest, IsDegradedAndNotDeadWithoutOne) {
  Process& discussions = suite_.process("discussions");
  discussions.Kill();
  EXPECT_TRUE(Eventually([&] { return Get("/healthz").body == "degraded"; }));
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_EQ(Get("/livez").status, 200);
  const std::string lines = Get("/healthz?verbose").body;
  EXPECT_THAT(lines, HasSubstr("[-]discussions failed: "));
  EXPECT_THAT(lines, HasSubstr("[+]members ok\n"));
  EXPECT_THAT(lines, HasSubstr("[+]resources ok\n"));
  EXPECT_THAT(lines, Not(HasSubstr("127.0.0.1")));

  const HttpResponse gone = GetThread();
  EXPECT_EQ(gone.status, 503);
  EXPECT_NE(gone["retry-after"], "");
  EXPECT_EQ(AnswerOfBody(gone).reason, "BACKEND_UNAVAILABLE");
  EXPECT_THAT(gone.body, Not(HasSubstr("127.0.0.1")));
  EXPECT_EQ(GetMe().status, 200);
  EXPECT_EQ(GetFile().status, 200);

  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  EXPECT_TRUE(Eventually([&] { return GetThread().status == 200; }));
  EXPECT_EQ(Get("/healthz").body, "ok");
}

// Reading goes on without the service that says who may: the others have their
// own copy of that, and the keys.
TEST_P(BackendTest, ReadsAndWritesOnWithoutMembers) {
  EXPECT_EQ(GetThread().status, 200);
  EXPECT_EQ(GetFile().status, 200);
  suite_.process("members").Kill();
  EXPECT_EQ(GetThread().status, 200);
  EXPECT_EQ(GetFile().status, 200);
  EXPECT_EQ(Get(absl::StrCat("/v1/", thread_.name())).status, 200);
  Reply(ada_->caller, thread_.name(), "With the tide.");
  // Last, for the gateway waits a while for members to come back.
  EXPECT_EQ(GetMe().status, 503);

  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  EXPECT_TRUE(Eventually([&] { return GetMe().status == 200; }));
  // What members says is followed again.
  Person bob = Register(suite_, Transport::kHttp, "bob");
  Join(bob.caller, community_);
  EXPECT_TRUE(Eventually([&] {
    auto reply = In<discussions::v1::CreatePostRequest>(thread_.name());
    reply.mutable_post()->set_body("At noon.");
    return bob.caller.Try(reply).ok();
  }));
}

}  // namespace
}  // namespace praxis::system
