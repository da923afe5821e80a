// What both adapters of the port promise; every test runs on each.
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gateway/upstream/in_process.h"
#include "gateway/upstream/remote/remote.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/ops/server/server.h"
#include "services/common/ops/status_board.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/echo.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/future.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using testing::Eventually;
using testing::FailsWith;
using testing::Future;
using testing::Succeeds;
namespace v1 = testing::v1;

enum class Adapter { kInProcess, kRemote };

class UpstreamTest : public ::testing::TestWithParam<Adapter> {
 protected:
  UpstreamTest() {
    if (GetParam() == Adapter::kInProcess) {
      upstream_ = std::make_unique<InProcess>(
          "echo", std::vector<rpc::Pipeline*>{&echo_.pipeline()},
          [this] { return board_.Of("echo"); });
      return;
    }
    auto server = rpc::GrpcServer::Start(
        {.address = "127.0.0.1:0",
         .served = {{&echo_.pipeline()}, {&status_.pipeline()}}});
    EXPECT_THAT(server, Succeeds());
    server_ = *std::move(server);
    upstream_ = std::make_unique<Remote>(
        "echo", absl::StrCat("127.0.0.1:", server_->port()),
        host_.host().registry);
  }

  absl::Status CheckDatabase(ops::Numbers* numbers) {
    (*numbers)["rows"] = 42;
    if (healthy_) return absl::OkStatus();
    return Error(Reason::STORAGE_UNAVAILABLE, "The database is away.");
  }

  std::unique_ptr<Endpoint> Bind(const std::string& method) {
    return upstream_->Bind(
        *v1::EchoRequest::descriptor()->file()->service(0)->FindMethodByName(
            method));
  }

  static rpc::Incoming Nobody() {
    rpc::Incoming incoming;
    incoming.deadline = absl::Now() + absl::Seconds(20);
    incoming.cancelled = std::make_shared<std::atomic<bool>>(false);
    return incoming;
  }

  absl::StatusOr<std::string> Unary(const std::string& method,
                                    const google::protobuf::Message& request,
                                    rpc::Incoming incoming = Nobody()) {
    const std::string bytes = request.SerializeAsString();
    Future<rpc::Reply> reply;
    Bind(method)->Unary(std::move(incoming), bytes, reply.Done());
    rpc::Reply got = reply.Get();
    if (!got.status.ok()) return got.status;
    return got.message;
  }

  static rpc::StreamCall::Piece Pull(rpc::StreamCall& stream) {
    Future<rpc::StreamCall::Piece> piece;
    stream.Pull(piece.Done());
    return piece.Get();
  }
  static absl::Status Push(rpc::StreamCall& stream, int64_t number,
                           size_t bytes = 0) {
    v1::SumRequest request;
    request.set_number(number);
    request.set_payload(std::string(bytes, 'p'));
    const std::string wire = request.SerializeAsString();
    Future<absl::Status> status;
    stream.Push(wire, status.Done());
    return status.Get();
  }
  static rpc::Reply Finish(rpc::StreamCall& stream) {
    Future<rpc::Reply> reply;
    stream.Finish(reply.Done());
    return reply.Get();
  }

  std::vector<Health> Check() {
    Future<std::vector<Health>> lines;
    upstream_->Check(lines.Done());
    return lines.Get();
  }

  std::atomic<bool> healthy_{true};
  testing::TestHost host_;
  testing::EchoServer echo_{host_};
  const ops::StatusBoard board_{
      {{"echo",
        {{"database",
          [this](ops::Numbers* numbers) { return CheckDatabase(numbers); }}}}},
      "1.2.3",
      absl::Milliseconds(1)};
  ops::StatusServer status_{board_, host_.host()};
  std::unique_ptr<rpc::GrpcServer> server_;
  std::unique_ptr<Upstream> upstream_;
};

TEST_P(UpstreamTest, CarriesWireBytesThereAndBack) {
  v1::EchoRequest request;
  request.set_payload(std::string(100'000, 'x'));
  const auto bytes = Unary("Echo", request);
  ASSERT_THAT(bytes, Succeeds());
  v1::EchoResponse response;
  ASSERT_TRUE(response.ParseFromString(*bytes));
  EXPECT_EQ(response.payload(), request.payload());
}

TEST_P(UpstreamTest, PassesOnTokenTraceAndDeadline) {
  rpc::Incoming incoming = Nobody();
  incoming.token = host_.TokenFor("members/ada");
  v1::WhoAmIResponse who;
  ASSERT_TRUE(who.ParseFromString(
      *Unary("WhoAmI", v1::WhoAmIRequest(), std::move(incoming))));
  EXPECT_EQ(who.name(), "members/ada");
  EXPECT_THAT(Unary("WhoAmI", v1::WhoAmIRequest()),
              FailsWith(Reason::TOKEN_MISSING));

  incoming = Nobody();
  incoming.traceparent =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  v1::EchoResponse echo;
  ASSERT_TRUE(echo.ParseFromString(
      *Unary("Echo", v1::EchoRequest(), std::move(incoming))));
  EXPECT_EQ(echo.trace_id(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_GT(echo.time_left_ms(), 5'000);   // more than the default
  EXPECT_LE(echo.time_left_ms(), 21'000);  // gRPC rounds it up
}

TEST_P(UpstreamTest, BringsErrorsBackWhole) {
  v1::FailRequest request;
  request.set_violations(2);
  const absl::Status status = Unary("Fail", request).status();
  EXPECT_THAT(status, FailsWith(Reason::FIELD_INVALID));
  EXPECT_TRUE(status.GetPayload("type.googleapis.com/google.rpc.BadRequest")
                  .has_value());
}

TEST_P(UpstreamTest, EndsACallWhoseTimeIsOver) {
  rpc::Incoming incoming = Nobody();
  incoming.deadline = absl::Now() - absl::Seconds(1);
  EXPECT_THAT(Unary("Block", v1::BlockRequest(), std::move(incoming)),
              FailsWith(Reason::DEADLINE_EXCEEDED));
}

TEST_P(UpstreamTest, CancelsACall) {
  rpc::Incoming incoming = Nobody();
  const rpc::CancelFlag cancelled = incoming.cancelled;
  Future<rpc::Reply> reply;
  const auto endpoint = Bind("Block");
  const auto running = endpoint->Unary(std::move(incoming), "", reply.Done());
  ASSERT_TRUE(Eventually([&] { return echo_.state().blocked == 1; }));
  EXPECT_FALSE(reply.IsDone());
  *cancelled = true;
  if (running != nullptr) running->Cancel();
  EXPECT_THAT(reply.Get().status, FailsWith(Reason::CANCELLED));
  EXPECT_TRUE(Eventually([&] { return echo_.state().blocks_cancelled == 1; }));
}

TEST_P(UpstreamTest, PullsAServerStreamToItsEnd) {
  v1::CountRequest request;
  request.set_to(3);
  const auto stream =
      Bind("Count")->ServerStream(Nobody(), request.SerializeAsString());
  for (int i = 1; i <= 3; ++i) {
    const auto piece = Pull(*stream);
    ASSERT_FALSE(piece.end);
    v1::CountResponse response;
    ASSERT_TRUE(response.ParseFromString(piece.message));
    EXPECT_EQ(response.number(), i);
  }
  for (int again = 0; again < 2; ++again) {
    const auto end = Pull(*stream);
    EXPECT_TRUE(end.end);
    EXPECT_THAT(end.status, Succeeds());
    if (GetParam() == Adapter::kInProcess) break;  // one end is enough
  }
}

TEST_P(UpstreamTest, EndsAServerStreamWithItsError) {
  v1::CountRequest request;
  request.set_to(5);
  request.set_fail_at(2);
  const auto stream =
      Bind("Count")->ServerStream(Nobody(), request.SerializeAsString());
  EXPECT_FALSE(Pull(*stream).end);
  const auto end = Pull(*stream);
  EXPECT_TRUE(end.end);
  EXPECT_FALSE(end.status.ok());
  EXPECT_NE(ReasonOf(end.status), errors::v1::REASON_UNSPECIFIED);
}

TEST_P(UpstreamTest, MakesNoMoreOfAStreamThanIsPulled) {
  v1::CountRequest request;
  request.set_to(1000);
  request.set_payload_bytes(256 * 1024);
  const auto stream =
      Bind("Count")->ServerStream(Nobody(), request.SerializeAsString());
  EXPECT_FALSE(Pull(*stream).end);
  EXPECT_FALSE(Pull(*stream).end);
  // What is on the way is bounded by windows, not by the stream's length.
  EXPECT_LT(echo_.state().counted, 100);
}

TEST_P(UpstreamTest, EndsAStreamThatIsLetGo) {
  v1::CountRequest request;
  request.set_to(10);
  request.set_wait_at(2);
  auto stream =
      Bind("Count")->ServerStream(Nobody(), request.SerializeAsString());
  EXPECT_FALSE(Pull(*stream).end);
  Future<rpc::StreamCall::Piece> waiting;
  stream->Pull(waiting.Done());
  ASSERT_TRUE(Eventually([&] { return echo_.state().gate.waiting() == 1; }));
  stream->Cancel();
  EXPECT_THAT(waiting.Get().status, FailsWith(Reason::CANCELLED));
  stream = nullptr;
  EXPECT_TRUE(Eventually([&] { return echo_.state().counts_open == 0; }));
}

TEST_P(UpstreamTest, PushesAClientStreamToItsReply) {
  const auto stream = Bind("Sum")->ClientStream(Nobody());
  for (int i = 1; i <= 4; ++i) {
    ASSERT_THAT(Push(*stream, i, 200'000), Succeeds());
  }
  const rpc::Reply reply = Finish(*stream);
  ASSERT_THAT(reply.status, Succeeds());
  v1::SumResponse response;
  ASSERT_TRUE(response.ParseFromString(reply.message));
  EXPECT_EQ(response.sum(), 10);
  EXPECT_EQ(response.messages(), 4);
}

TEST_P(UpstreamTest, TellsAPusherThatTheStreamHasFailed) {
  const auto stream = Bind("Sum")->ClientStream(Nobody());
  absl::Status status = Push(*stream, -1);
  for (int i = 0; status.ok() && i < 10'000; ++i) {
    status = Push(*stream, 1);  // until the failure has come back
  }
  EXPECT_THAT(status, FailsWith(Reason::FIELD_INVALID));
  EXPECT_EQ(echo_.state().sums_finished, 0);
}

TEST_P(UpstreamTest, LeavesNothingOfAClientStreamThatIsLetGo) {
  auto stream = Bind("Sum")->ClientStream(Nobody());
  ASSERT_THAT(Push(*stream, 1), Succeeds());
  ASSERT_TRUE(Eventually([&] { return echo_.state().sums_open == 1; }));
  stream = nullptr;
  EXPECT_TRUE(Eventually([&] { return echo_.state().sums_open == 0; }));
  EXPECT_EQ(echo_.state().sums_finished, 0);
}

TEST_P(UpstreamTest, TellsHowItDoes) {
  std::vector<Health> lines = Check();
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(lines[0].name, "echo");
  EXPECT_EQ(lines[1].name, "echo/database");
  EXPECT_THAT(lines[0].status, Succeeds());
  EXPECT_THAT(lines[1].status, Succeeds());
  EXPECT_EQ(lines[0].version, "1.2.3");
  EXPECT_THAT(lines[1].numbers,
              ::testing::ElementsAre(::testing::Pair("rows", 42)));
  EXPECT_LE(lines[1].since, absl::Now());
  healthy_ = false;
  const absl::Time begin = absl::Now();
  ASSERT_TRUE(Eventually([&] { return !Check()[1].status.ok(); }));
  lines = Check();
  EXPECT_THAT(lines[0].status, Succeeds());
  EXPECT_EQ(lines[1].status.message(), "The database is away.");
  EXPECT_GT(lines[1].since, begin - absl::Seconds(1));
  EXPECT_EQ(Check()[1].since, lines[1].since);
}

INSTANTIATE_TEST_SUITE_P(Adapters, UpstreamTest,
                         ::testing::Values(Adapter::kInProcess,
                                           Adapter::kRemote),
                         [](const auto& info) {
                           return info.param == Adapter::kRemote ? "Remote"
                                                                 : "InProcess";
                         });

TEST(InProcessTest, ServesOnlyWhatItsPipelinesServe) {
  testing::TestHost host;
  testing::EchoServer echo(host);
  InProcess upstream("none", {}, [] { return ops::v1::ServiceStatus(); });
  EXPECT_EQ(upstream.Bind(
                *v1::EchoRequest::descriptor()->file()->service(0)->method(0)),
            nullptr);
}

// A backend of its own process, as far as a caller can tell.
struct Backend {
  testing::TestHost host;
  testing::EchoServer echo{host};
  std::unique_ptr<rpc::GrpcServer> server = *rpc::GrpcServer::Start(
      {.address = "127.0.0.1:0", .served = {{&echo.pipeline()}}});
};

TEST(ReplicasTest, GoesOnWithTheReplicaThatIsLeft) {
  Backend first;
  Backend second;
  telemetry::Registry registry;
  Remote remote("echo",
                absl::StrCat("127.0.0.1:", first.server->port(),
                             ",127.0.0.1:", second.server->port()),
                registry);
  const auto* service = v1::EchoRequest::descriptor()->file()->service(0);
  const auto endpoint = remote.Bind(*service->FindMethodByName("WhoAmI"));
  // Whether the first one answered: the second does not take its tokens.
  const auto call = [&] {
    rpc::Incoming incoming;
    incoming.deadline = absl::Now() + absl::Seconds(20);
    incoming.token = first.host.TokenFor("members/ada");
    Future<rpc::Reply> reply;
    endpoint->Unary(std::move(incoming), "", reply.Done());
    const absl::Status status = reply.Get().status;
    if (status.ok()) return true;
    EXPECT_THAT(status, FailsWith(Reason::TOKEN_INVALID));
    return false;
  };
  ASSERT_TRUE(Eventually([&] { return call() != call(); }));

  first.server = nullptr;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(call());
  Future<std::vector<Health>> lines;
  remote.Check(lines.Done());
  for (const Health& line : lines.Get()) {
    EXPECT_THAT(line.status, Succeeds()) << line.name;
  }
}

TEST(ReplicasTest, SaysThatABackendIsAway) {
  // A port that nobody listens on: one that was just given back.
  int port = 0;
  {
    testing::TestHost host;
    testing::EchoServer echo(host);
    auto server = rpc::GrpcServer::Start(
        {.address = "127.0.0.1:0", .served = {{&echo.pipeline()}}});
    ASSERT_THAT(server, Succeeds());
    port = (*server)->port();
  }
  telemetry::Registry registry;
  Remote remote("echo", absl::StrCat("127.0.0.1:", port), registry);
  const auto endpoint = remote.Bind(
      *v1::EchoRequest::descriptor()->file()->service(0)->method(0));
  rpc::Incoming incoming;
  incoming.deadline = absl::Now() + absl::Seconds(20);
  Future<rpc::Reply> reply;
  endpoint->Unary(std::move(incoming), "", reply.Done());
  EXPECT_THAT(reply.Get().status, FailsWith(Reason::BACKEND_UNAVAILABLE));

  Future<std::vector<Health>> lines;
  remote.Check(lines.Done());
  const std::vector<Health> got = lines.Get();
  ASSERT_EQ(got.size(), 1);
  EXPECT_THAT(got[0].status, FailsWith(Reason::BACKEND_UNAVAILABLE));
}

}  // namespace
}  // namespace praxis::gateway
