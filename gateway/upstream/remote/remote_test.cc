// What Remote does with a backend that fails, is away, or does not answer.
#include "gateway/upstream/remote/remote.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gateway/testing/library.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "services/common/rpc/grpc/status.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/future.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using testing::Eventually;
using testing::FailsWith;
using testing::Future;
using ::testing::HasSubstr;
using testing::Succeeds;
namespace v1 = testing::library::v1;

const grpc::Status kGone(grpc::StatusCode::UNAVAILABLE, "gone");

// What a backend does with a call.
struct Reaction {
  grpc::Status status;
  // Empty messages that go before the status; of a unary call, one.
  int messages = 1;
  // grpc-retry-pushback-ms
  std::string pushback;
  // Answers nothing until the caller is gone.
  bool hangs = false;
};

// Any service, which does as it is told. Its port stays the same.
class Script {
 public:
  Script() { Start(); }

  void Start() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port_),
                             grpc::InsecureServerCredentials(), &port_);
    service_ = std::make_unique<Service>(*this);
    builder.RegisterCallbackGenericService(service_.get());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  // Breaks all connections.
  void Stop() {
    server_->Shutdown(absl::ToChronoTime(absl::Now()));
    server_ = nullptr;
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  int calls() const { return calls_; }

  // By the number of the call, from 1. Set before the first.
  std::function<Reaction(int)> react = [](int) { return Reaction(); };

 private:
  class Reactor : public grpc::ServerGenericBidiReactor {
   public:
    Reactor(grpc::GenericCallbackServerContext& context, Reaction reaction)
        : reaction_(std::move(reaction)) {
      if (!reaction_.pushback.empty()) {
        context.AddTrailingMetadata("grpc-retry-pushback-ms",
                                    reaction_.pushback);
      }
      StartRead(&message_);
    }
    void OnReadDone(bool) override {
      if (!reaction_.hangs) GoOn();
    }
    void OnWriteDone(bool) override { GoOn(); }
    void OnCancel() override {
      if (reaction_.hangs) Finish(kGone);
    }
    void OnDone() override { delete this; }

   private:
    void GoOn() {
      if (reaction_.messages-- == 0) return Finish(reaction_.status);
      grpc::Slice nothing("");
      message_ = grpc::ByteBuffer(&nothing, 1);
      StartWrite(&message_);
    }

    Reaction reaction_;
    grpc::ByteBuffer message_;
  };

  // A server has one of its own.
  class Service : public grpc::CallbackGenericService {
   public:
    explicit Service(Script& script) : script_(script) {}
    grpc::ServerGenericBidiReactor* CreateReactor(
        grpc::GenericCallbackServerContext* context) override {
      return new Reactor(*context, script_.react(++script_.calls_));
    }

   private:
    Script& script_;
  };

  std::atomic<int> calls_{0};
  int port_ = 0;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
};

Reaction Fails(grpc::Status status) {
  return {.status = std::move(status), .messages = 0};
}

class RemoteTest : public ::testing::Test {
 protected:
  std::unique_ptr<Endpoint> Bind(const char* method) {
    if (remote_ == nullptr) {
      remote_ = std::make_unique<Remote>(
          "library", script_.address(), registry_,
          Breaker::Options{.calls_max = calls_max_,
                           .failures_max = failures_max_});
    }
    return remote_->Bind(
        *v1::Book::descriptor()->file()->service(0)->FindMethodByName(method));
  }

  static rpc::Incoming Within(absl::Duration time) {
    rpc::Incoming incoming;
    incoming.deadline = absl::Now() + time;
    incoming.cancelled = std::make_shared<std::atomic<bool>>(false);
    return incoming;
  }

  absl::Status Call(const char* method, const std::string& request = "",
                    absl::Duration time = absl::Seconds(20)) {
    Future<rpc::Reply> reply;
    Bind(method)->Unary(Within(time), request, reply.Done());
    return reply.Get().status;
  }
  absl::Status Read() { return Call("GetBook"); }
  absl::Status Write(const std::string& request_id) {
    v1::CreateBookRequest request;
    request.set_request_id(request_id);
    return Call("CreateBook", request.SerializeAsString());
  }
  static rpc::StreamCall::Piece Pull(rpc::StreamCall& stream) {
    Future<rpc::StreamCall::Piece> piece;
    stream.Pull(piece.Done());
    return piece.Get();
  }

  std::string Metric(const char* name) {
    const std::string text = registry_.Text();
    const size_t at = text.find(absl::StrCat("\n", name, "{"));
    if (at == std::string::npos) return "";
    return text.substr(text.find("} ", at) + 2,
                       text.find('\n', at + 1) - text.find("} ", at) - 2);
  }

  Script script_;
  telemetry::Registry registry_;
  int calls_max_ = 1000;
  int failures_max_ = 1000;
  std::unique_ptr<Remote> remote_;
};

TEST_F(RemoteTest, RepeatsAReadThatFailed) {
  script_.react = [](int call) { return call < 3 ? Fails(kGone) : Reaction(); };
  EXPECT_THAT(Read(), Succeeds());
  EXPECT_EQ(script_.calls(), 3);
  EXPECT_EQ(Metric("praxis_gateway_upstream_attempts_total"), "3");
  EXPECT_EQ(Metric("praxis_gateway_upstream_retries_total"), "2");
}

TEST_F(RemoteTest, GivesUpAfterThreeAttempts) {
  script_.react = [](int) { return Fails(kGone); };
  EXPECT_THAT(Read(), FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_EQ(script_.calls(), 3);
}

TEST_F(RemoteTest, RepeatsAWriteOnlyWithARequestId) {
  script_.react = [](int call) {
    return call % 2 == 1 ? Fails(kGone) : Reaction();
  };
  EXPECT_THAT(Write("once"), Succeeds());
  EXPECT_EQ(script_.calls(), 2);
  EXPECT_THAT(Write(""), FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_EQ(script_.calls(), 3);
}

// The first attempt may have been what took it from the caller.
TEST_F(RemoteTest, TakesNoRefusalOfARepeatedWriteForAnAnswer) {
  const Reaction refuses =
      Fails(rpc::ToGrpcStatus(Error(Reason::ROLE_INSUFFICIENT, "Not yours.")));
  script_.react = [&](int call) { return call == 1 ? Fails(kGone) : refuses; };
  EXPECT_THAT(Write("once"), FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_EQ(script_.calls(), 2);
  EXPECT_THAT(Write("twice"), FailsWith(Reason::ROLE_INSUFFICIENT));
}

TEST_F(RemoteTest, RepeatsWhatTheServiceItselfCallsUnavailable) {
  script_.react = [](int call) {
    return call == 1 ? Fails(rpc::ToGrpcStatus(
                           Error(Reason::COMMIT_IN_DOUBT, "It may be there.")))
                     : Reaction();
  };
  EXPECT_THAT(Write("once"), Succeeds());
}

TEST_F(RemoteTest, LeavesAServiceAloneThatHasTooMuchToDo) {
  script_.react = [](int) {
    return Fails(rpc::ToGrpcStatus(Error(Reason::OVERLOADED, "Too much.")));
  };
  EXPECT_THAT(Read(), FailsWith(Reason::OVERLOADED));
  EXPECT_EQ(script_.calls(), 1);
}

TEST_F(RemoteTest, DoesAsTheServiceAsksWithRetries) {
  script_.react = [](int) {
    Reaction reaction = Fails(kGone);
    reaction.pushback = "-1";
    return reaction;
  };
  EXPECT_THAT(Read(), FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_EQ(script_.calls(), 1);
}

TEST_F(RemoteTest, AddsATenthToTheLoadOfAnOutage) {
  script_.react = [](int) { return Fails(kGone); };
  constexpr int kCalls = 200;
  const auto endpoint = Bind("GetBook");
  std::vector<Future<rpc::Reply>> replies(kCalls);
  for (auto& reply : replies) {
    endpoint->Unary(Within(absl::Seconds(20)), "", reply.Done());
  }
  for (auto& reply : replies) EXPECT_FALSE(reply.Get().status.ok());
  // A hundred at once, and one more for each ten calls.
  EXPECT_LE(script_.calls(), kCalls + 100 + kCalls / 10);
  EXPECT_GE(script_.calls(), kCalls + 100);
  EXPECT_NE(Metric("praxis_gateway_upstream_retries_refused_total"), "0");
}

// They are no load that a retry could be a tenth of.
TEST_F(RemoteTest, SavesNothingForRetriesFromCallsThatAreNotSent) {
  script_.react = [](int) { return Fails(kGone); };
  while (Metric("praxis_gateway_upstream_retries_refused_total") != "1") {
    EXPECT_FALSE(Read().ok());
  }
  script_.Stop();
  ASSERT_TRUE(Eventually([&] {
    (void)Read();
    return Metric("praxis_gateway_upstream_open") == "1";
  }));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Read().ok());
  const int calls = script_.calls();
  script_.Start();
  EXPECT_TRUE(Eventually([&] {
    (void)Call("LendBook");
    return script_.calls() > calls;
  }));
  const std::string retries = Metric("praxis_gateway_upstream_retries_total");
  EXPECT_FALSE(Read().ok());
  EXPECT_EQ(Metric("praxis_gateway_upstream_retries_total"), retries);
}

TEST_F(RemoteTest, OpensAServerStreamAgainBeforeItsFirstMessage) {
  script_.react = [](int call) {
    return call == 1 ? Fails(kGone) : Reaction{.messages = 2};
  };
  const auto stream =
      Bind("WatchBooks")->ServerStream(Within(absl::Seconds(20)), "");
  EXPECT_FALSE(Pull(*stream).end);
  EXPECT_FALSE(Pull(*stream).end);
  const auto end = Pull(*stream);
  EXPECT_TRUE(end.end);
  EXPECT_THAT(end.status, Succeeds());
  EXPECT_EQ(script_.calls(), 2);
}

TEST_F(RemoteTest, TellsOfAServerStreamThatBreaksLater) {
  script_.react = [](int) { return Reaction{.status = kGone}; };
  const auto stream =
      Bind("WatchBooks")->ServerStream(Within(absl::Seconds(20)), "");
  EXPECT_FALSE(Pull(*stream).end);
  EXPECT_THAT(Pull(*stream).status, FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_THAT(Pull(*stream).status, FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_EQ(script_.calls(), 1);
}

// One replica that is started anew: callers wait. What has to wait was not
// sent, so this holds for every call.
TEST_F(RemoteTest, WaitsForABackendThatIsStartedAnew) {
  EXPECT_THAT(Read(), Succeeds());
  script_.Stop();
  ASSERT_TRUE(Eventually(
      [&] { return !Call("LendBook", "", absl::Milliseconds(1)).ok(); }));
  Future<rpc::Reply> read;
  Future<rpc::Reply> write;
  const auto endpoint = Bind("GetBook");
  const auto lend = Bind("LendBook");
  endpoint->Unary(Within(absl::Seconds(20)), "", read.Done());
  lend->Unary(Within(absl::Seconds(20)), "", write.Done());
  const auto stream =
      Bind("WatchBooks")->ServerStream(Within(absl::Seconds(20)), "");
  Future<rpc::StreamCall::Piece> piece;
  stream->Pull(piece.Done());
  const auto upload =
      Bind("UploadText")->ClientStream(Within(absl::Seconds(20)));
  Future<absl::Status> pushed;
  upload->Push("", pushed.Done());
  script_.Start();
  EXPECT_THAT(read.Get().status, Succeeds());
  EXPECT_THAT(write.Get().status, Succeeds());
  EXPECT_FALSE(piece.Get().end);
  EXPECT_THAT(pushed.Get(), Succeeds());
}

TEST_F(RemoteTest, WaitsForOneThatIsAwayOnlyOnce) {
  script_.Stop();
  EXPECT_THAT(Read(), FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_EQ(Metric("praxis_gateway_upstream_open"), "1");
  // Not even a call with a moment's time has to wait any more.
  EXPECT_THAT(Call("GetBook", "", absl::Milliseconds(1)),
              FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_EQ(Metric("praxis_gateway_upstream_attempts_total"), "0");

  script_.Start();
  EXPECT_TRUE(Eventually([&] { return Read().ok(); }));
  EXPECT_EQ(Metric("praxis_gateway_upstream_open"), "0");
}

TEST_F(RemoteTest, SeesWithoutACallThatABackendIsBack) {
  script_.Stop();
  EXPECT_FALSE(Read().ok());
  EXPECT_EQ(Metric("praxis_gateway_upstream_open"), "1");
  script_.Start();
  EXPECT_TRUE(Eventually([&] {
    Future<std::vector<Health>> lines;
    remote_->Check(lines.Done());
    (void)lines.Get();
    return Metric("praxis_gateway_upstream_open") == "0";
  }));
}

TEST_F(RemoteTest, CancelsACallThatWaits) {
  script_.Stop();
  Future<rpc::Reply> reply;
  const auto endpoint = Bind("GetBook");
  const auto running =
      endpoint->Unary(Within(absl::Seconds(20)), "", reply.Done());
  running->Cancel();
  EXPECT_THAT(reply.Get().status, FailsWith(Reason::CANCELLED));
  auto stream = Bind("WatchBooks")->ServerStream(Within(absl::Seconds(20)), "");
  Future<rpc::StreamCall::Piece> piece;
  stream->Pull(piece.Done());
  stream->Cancel();
  EXPECT_THAT(piece.Get().status, FailsWith(Reason::CANCELLED));
}

TEST_F(RemoteTest, LeavesABackendAloneThatDoesNotAnswer) {
  failures_max_ = 2;
  std::atomic<bool> hangs{true};
  script_.react = [&](int) { return Reaction{.hangs = hangs}; };
  const auto endpoint = Bind("GetBook");
  std::vector<Future<rpc::Reply>> replies(2);
  for (Future<rpc::Reply>& reply : replies) {
    endpoint->Unary(Within(absl::Seconds(2)), "", reply.Done());
  }
  for (Future<rpc::Reply>& reply : replies) {
    EXPECT_THAT(reply.Get().status, FailsWith(Reason::DEADLINE_EXCEEDED));
  }
  const int calls = script_.calls();
  EXPECT_THAT(Read(), FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_EQ(script_.calls(), calls);
  EXPECT_EQ(Metric("praxis_gateway_upstream_open"), "1");

  hangs = false;
  EXPECT_TRUE(Eventually([&] { return Read().ok(); }));
  EXPECT_EQ(Metric("praxis_gateway_upstream_open"), "0");
}

TEST_F(RemoteTest, BoundsTheCallsUnderWay) {
  calls_max_ = 1;
  script_.react = [](int call) { return Reaction{.hangs = call == 1}; };
  Future<rpc::Reply> reply;
  const auto endpoint = Bind("GetBook");
  const auto running =
      endpoint->Unary(Within(absl::Seconds(20)), "", reply.Done());
  ASSERT_TRUE(Eventually([&] { return script_.calls() == 1; }));
  EXPECT_THAT(Read(), FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_THAT(registry_.Text(),
              HasSubstr("{upstream=\"library\",cause=\"full\"} 1\n"));
  running->Cancel();
  EXPECT_THAT(reply.Get().status, FailsWith(Reason::CANCELLED));
  EXPECT_THAT(Read(), Succeeds());
}

TEST_F(RemoteTest, DoesNotBlameTheBackendForShortTimes) {
  failures_max_ = 2;
  script_.react = [](int call) { return Reaction{.hangs = call <= 5}; };
  EXPECT_TRUE(Eventually([&] {
    (void)Call("GetBook", "", absl::Milliseconds(50));
    return script_.calls() >= 5;
  }));
  EXPECT_THAT(Read(), Succeeds());
}

// The first attempt takes most of the time that there is.
TEST_F(RemoteTest, DoesNotBlameTheBackendForTheTimeOfAnotherAttempt) {
  failures_max_ = 1;
  script_.react = [](int call) {
    Reaction reaction = Fails(kGone);
    reaction.pushback = "700";
    reaction.hangs = call == 2;
    return call > 2 ? Reaction() : reaction;
  };
  EXPECT_THAT(Call("GetBook", "", absl::Milliseconds(1500)),
              FailsWith(Reason::DEADLINE_EXCEEDED));
  EXPECT_EQ(script_.calls(), 2);
  EXPECT_THAT(Read(), Succeeds());
}

// A client may watch for a second what is quiet, or send slowly.
TEST_F(RemoteTest, DoesNotBlameTheBackendForStreamsThatRunOutOfTime) {
  failures_max_ = 1;
  script_.react = [](int call) { return Reaction{.hangs = call <= 2}; };
  const auto time = absl::Milliseconds(1100);
  const auto watch = Bind("WatchBooks")->ServerStream(Within(time), "");
  Future<rpc::StreamCall::Piece> piece;
  watch->Pull(piece.Done());
  const auto upload = Bind("UploadText")->ClientStream(Within(time));
  Future<rpc::Reply> reply;
  upload->Finish(reply.Done());
  EXPECT_THAT(piece.Get().status, FailsWith(Reason::DEADLINE_EXCEEDED));
  EXPECT_THAT(reply.Get().status, FailsWith(Reason::DEADLINE_EXCEEDED));
  EXPECT_EQ(script_.calls(), 2);
  EXPECT_THAT(Read(), Succeeds());
}

}  // namespace
}  // namespace praxis::gateway
