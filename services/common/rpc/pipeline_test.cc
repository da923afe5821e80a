#include "services/common/rpc/pipeline.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/limits/local_limiter.h"
#include "services/common/status/status.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/echo.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using praxis::testing::FailsWith;
using praxis::testing::Succeeds;
using ::testing::HasSubstr;
namespace v1 = testing::v1;

constexpr char kEcho[] = "/praxis.testing.v1.EchoService/Echo";
constexpr char kBlock[] = "/praxis.testing.v1.EchoService/Block";
constexpr char kCount[] = "/praxis.testing.v1.EchoService/Count";
constexpr char kSum[] = "/praxis.testing.v1.EchoService/Sum";

// The echo service: "communities/open" is PUBLIC, "communities/secret" HIDDEN
// with the member Ada.
class PipelineTest : public ::testing::Test {
 protected:
  const Handler& Method(absl::string_view path) {
    return *echo_.pipeline().methods().Find(path);
  }

  // A unary call with everything a transport says, awaited.
  Reply Unary(absl::string_view path, Incoming incoming,
              const google::protobuf::Message& request) {
    const std::string bytes = request.SerializeAsString();
    return UnaryBytes(path, std::move(incoming), bytes);
  }
  Reply UnaryBytes(absl::string_view path, Incoming incoming,
                   const std::string& bytes) {
    Reply result;
    absl::Notification done;
    echo_.pipeline().Unary(Method(path), std::move(incoming), bytes,
                           [&](Reply reply) {
                             result = std::move(reply);
                             done.Notify();
                           });
    done.WaitForNotification();
    return result;
  }

  absl::StatusOr<v1::Note> GetNote(absl::string_view as,
                                   const std::string& name) {
    v1::GetNoteRequest request;
    request.set_name(name);
    return caller_.Call<v1::Note>(as, request);
  }

  testing::TestHost host_;
  testing::EchoServer echo_{host_};
  testing::Caller caller_{host_, echo_.pipeline()};
};

TEST_F(PipelineTest, CarriesAMessageThereAndBack) {
  v1::EchoRequest request;
  request.set_payload(std::string("\0\xff bytes", 8));
  absl::StatusOr<v1::EchoResponse> response =
      caller_.Call<v1::EchoResponse>("", request);
  ASSERT_THAT(response, Succeeds());
  EXPECT_EQ(response->payload(), request.payload());
}

TEST_F(PipelineTest, RefusesWhatDoesNotParse) {
  EXPECT_THAT(UnaryBytes(kEcho, {}, "\xff\xff").status,
              FailsWith(Reason::MESSAGE_INVALID));
  v1::EchoRequest not_utf8;
  EXPECT_THAT(UnaryBytes(kEcho, {}, "\x12\x01\xff").status,
              FailsWith(Reason::MESSAGE_INVALID));
}

TEST_F(PipelineTest, RefusesMessagesThatAreTooLarge) {
  v1::EchoRequest request;
  request.set_payload(std::string(5 << 20, 'x'));
  EXPECT_THAT(Unary(kEcho, {}, request).status, FailsWith(Reason::TOO_LARGE));
}

TEST_F(PipelineTest, HoldsFieldsAgainstTheirRules) {
  v1::EchoRequest request;
  request.set_title("longer than twenty characters");
  EXPECT_THAT(caller_.Call<v1::EchoResponse>("", request),
              FailsWith(Reason::FIELD_INVALID));
}

TEST_F(PipelineTest, AsksForATokenWhereOneIsNeeded) {
  EXPECT_THAT(caller_.Call<v1::WhoAmIResponse>("", v1::WhoAmIRequest()),
              FailsWith(Reason::TOKEN_MISSING));
  absl::StatusOr<v1::WhoAmIResponse> ada =
      caller_.Call<v1::WhoAmIResponse>("members/ada", v1::WhoAmIRequest());
  ASSERT_THAT(ada, Succeeds());
  EXPECT_EQ(ada->name(), "members/ada");
}

TEST_F(PipelineTest, RefusesAForgedTokenEvenWhereNoneIsNeeded) {
  Incoming incoming;
  incoming.token = host_.TokenFor("members/ada") + "x";
  EXPECT_THAT(Unary(kEcho, std::move(incoming), v1::EchoRequest()).status,
              FailsWith(Reason::TOKEN_INVALID));
}

TEST_F(PipelineTest, LetsReadersReadAndNobodyElse) {
  EXPECT_THAT(GetNote("", "communities/open/notes/1"), Succeeds());
  EXPECT_THAT(GetNote("members/ada", "communities/secret/notes/1"), Succeeds());
}

TEST_F(PipelineTest, AnswersForAHiddenScopeAsForNone) {
  for (const char* as : {"", "members/eve"}) {
    const absl::Status hidden =
        GetNote(as, "communities/secret/notes/1").status();
    const absl::Status absent =
        GetNote(as, "communities/absent/notes/1").status();
    EXPECT_THAT(hidden, FailsWith(Reason::RESOURCE_NOT_FOUND));
    EXPECT_EQ(hidden, absent);
  }
}

TEST_F(PipelineTest, TellsAMemberOfAPrivateScopeFromOthers) {
  echo_.access().SetVisibility("communities/secret", events::v1::PRIVATE);
  EXPECT_THAT(GetNote("", "communities/secret/notes/1"),
              FailsWith(Reason::TOKEN_MISSING));
  EXPECT_THAT(GetNote("members/eve", "communities/secret/notes/1"),
              FailsWith(Reason::ROLE_INSUFFICIENT));
}

TEST_F(PipelineTest, ChecksTheShapeOfAScopeBeforeAnythingIsLookedUp) {
  for (const char* name : {"", "communities", "communities/open",
                           "communities/-/notes/1", "x/open/notes/1"}) {
    EXPECT_THAT(GetNote("", name), FailsWith(Reason::FIELD_INVALID)) << name;
  }
}

TEST_F(PipelineTest, GivesCallsADeadline) {
  absl::StatusOr<v1::EchoResponse> response =
      caller_.Call<v1::EchoResponse>("", v1::EchoRequest());
  ASSERT_THAT(response, Succeeds());
  EXPECT_GT(response->time_left_ms(), 1000);
  EXPECT_LE(response->time_left_ms(), 5000);
}

TEST_F(PipelineTest, DoesNotBeginWhatNobodyWaitsFor) {
  Incoming late;
  late.deadline = absl::Now() - absl::Seconds(1);
  EXPECT_THAT(Unary(kEcho, std::move(late), v1::EchoRequest()).status,
              FailsWith(Reason::DEADLINE_EXCEEDED));
  Incoming gone;
  gone.cancelled = std::make_shared<std::atomic<bool>>(true);
  EXPECT_THAT(Unary(kEcho, std::move(gone), v1::EchoRequest()).status,
              FailsWith(Reason::CANCELLED));
}

TEST_F(PipelineTest, ContinuesTheCallersTrace) {
  Incoming incoming;
  incoming.traceparent =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  v1::EchoResponse response;
  response.ParseFromString(
      Unary(kEcho, std::move(incoming), v1::EchoRequest()).message);
  EXPECT_EQ(response.trace_id(), "0af7651916cd43dd8448eb211c80319c");
}

TEST_F(PipelineTest, CountsCallsByMethodAndCode) {
  (void)caller_.Call<v1::WhoAmIResponse>("", v1::WhoAmIRequest());
  const std::string text = host_.host().registry.Text();
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{"));
  EXPECT_THAT(text, HasSubstr("grpc_code=\"Unauthenticated\""));
}

TEST_F(PipelineTest, RefusesAtOnceWhenItsQueueIsFull) {
  const std::string bytes = v1::BlockRequest().SerializeAsString();
  std::atomic<int> refused = 0;
  std::atomic<int> done = 0;
  // 8 workers and 1,024 places in the queue.
  const int calls = 8 + 1024 + 10;
  for (int i = 0; i < calls; ++i) {
    echo_.pipeline().Unary(Method(kBlock), {}, bytes, [&](Reply reply) {
      if (ReasonOf(reply.status) == Reason::OVERLOADED) ++refused;
      ++done;
    });
  }
  EXPECT_GE(refused, 10);
  EXPECT_EQ(done, refused);
  echo_.state().gate.Open();
  EXPECT_TRUE(testing::Eventually([&] { return done == calls; }));
}

TEST(PipelineEndTest, WaitsForACallThatAWorkerIsAt) {
  testing::TestHost host;
  auto echo = std::make_unique<testing::EchoServer>(host);
  const std::string bytes = v1::BlockRequest().SerializeAsString();
  std::atomic<bool> done = false;
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  echo->pipeline().Unary(*echo->pipeline().methods().Find(kBlock),
                         {.cancelled = cancelled}, bytes,
                         [&](Reply) { done = true; });
  absl::Notification ending;
  std::thread caller([&] {
    ending.WaitForNotification();
    *cancelled = true;
  });
  ending.Notify();
  echo = nullptr;
  EXPECT_TRUE(done);
  caller.join();
}

// The pieces of a stream, pulled one after the other.
StreamCall::Piece Pull(StreamCall& stream) {
  StreamCall::Piece result;
  absl::Notification done;
  stream.Pull([&](StreamCall::Piece piece) {
    result = std::move(piece);
    done.Notify();
  });
  done.WaitForNotification();
  return result;
}

std::string CountTo(int to, int fail_at, int wait_at) {
  v1::CountRequest request;
  request.set_to(to);
  request.set_fail_at(fail_at);
  request.set_wait_at(wait_at);
  return request.SerializeAsString();
}

TEST_F(PipelineTest, StreamsMessagesUntilTheEnd) {
  auto stream =
      echo_.pipeline().ServerStream(Method(kCount), {}, CountTo(3, 0, 0));
  for (int i = 1; i <= 3; ++i) {
    v1::CountResponse response;
    ASSERT_TRUE(response.ParseFromString(Pull(*stream).message));
    EXPECT_EQ(response.number(), i);
  }
  const StreamCall::Piece last = Pull(*stream);
  EXPECT_TRUE(last.end);
  EXPECT_THAT(last.status, Succeeds());
}

TEST_F(PipelineTest, EndsAStreamWithTheErrorOfItsHandler) {
  auto stream =
      echo_.pipeline().ServerStream(Method(kCount), {}, CountTo(3, 2, 0));
  EXPECT_FALSE(Pull(*stream).end);
  const StreamCall::Piece last = Pull(*stream);
  EXPECT_TRUE(last.end);
  EXPECT_FALSE(last.status.ok());
}

TEST_F(PipelineTest, HoldsNoThreadWhileStreamsWait) {
  // More streams than there are workers, all waiting.
  std::vector<std::unique_ptr<StreamCall>> streams;
  std::atomic<int> ended = 0;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(
        echo_.pipeline().ServerStream(Method(kCount), {}, CountTo(1, 0, 1)));
    streams.back()->Pull([&](StreamCall::Piece) { ++ended; });
  }
  ASSERT_TRUE(
      testing::Eventually([&] { return echo_.state().gate.waiting() == 20; }));
  // Fail runs on a worker: there is one left.
  v1::FailRequest fail;
  fail.set_reason(Reason::LAST_OWNER);
  EXPECT_THAT(caller_.Call<v1::FailResponse>("", fail),
              FailsWith(Reason::LAST_OWNER));
  echo_.state().gate.Open();
  EXPECT_TRUE(testing::Eventually([&] { return ended == 20; }));
}

TEST_F(PipelineTest, EndsAWaitingStreamOnCancel) {
  auto stream =
      echo_.pipeline().ServerStream(Method(kCount), {}, CountTo(1, 0, 1));
  StreamCall::Piece last;
  absl::Notification done;
  stream->Pull([&](StreamCall::Piece piece) {
    last = std::move(piece);
    done.Notify();
  });
  ASSERT_TRUE(
      testing::Eventually([&] { return echo_.state().gate.waiting() == 1; }));
  stream->Cancel();
  done.WaitForNotification();
  EXPECT_THAT(last.status, FailsWith(Reason::CANCELLED));
  stream.reset();
  EXPECT_TRUE(
      testing::Eventually([&] { return echo_.state().counts_open == 0; }));
}

std::string CountLive(int to, int wait_at) {
  v1::CountRequest request;
  request.set_to(to);
  request.set_wait_at(wait_at);
  request.set_live(true);
  return request.SerializeAsString();
}

TEST_F(PipelineTest, TakesNoWorkerForAStreamThatIsQuick) {
  auto stream =
      echo_.pipeline().ServerStream(Method(kCount), {}, CountLive(3, 3));
  EXPECT_FALSE(Pull(*stream).end);
  const auto pull = [&](std::thread::id* where, absl::Notification* done) {
    stream->Pull([where, done](StreamCall::Piece piece) {
      if (!piece.end) *where = std::this_thread::get_id();
      done->Notify();
    });
  };
  std::thread::id where;
  absl::Notification pulled;
  pull(&where, &pulled);
  pulled.WaitForNotification();
  EXPECT_EQ(where, std::this_thread::get_id());
  // And on the one that opens the gate.
  where = {};
  absl::Notification woken;
  pull(&where, &woken);
  EXPECT_FALSE(woken.HasBeenNotified());
  echo_.state().gate.Open();
  woken.WaitForNotification();
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST_F(PipelineTest, EndsALiveStreamWithItsToken) {
  const absl::Time begun = absl::Now();
  std::atomic<int> minutes = 0;
  testing::EchoServer echo(
      host_, {}, [&] { return begun + absl::Minutes(minutes.load()); });
  const Handler& count = *echo.pipeline().methods().Find(kCount);
  const std::string token = host_.TokenFor("members/ada");
  auto live =
      echo.pipeline().ServerStream(count, {.token = token}, CountLive(9, 0));
  auto download =
      echo.pipeline().ServerStream(count, {.token = token}, CountTo(9, 0, 0));
  EXPECT_FALSE(Pull(*live).end);
  EXPECT_FALSE(Pull(*download).end);
  minutes = 9;
  EXPECT_FALSE(Pull(*live).end);
  minutes = 12;
  EXPECT_THAT(Pull(*live).status, FailsWith(Reason::TOKEN_INVALID));
  // What was asked for while the token was good is given to its end.
  EXPECT_FALSE(Pull(*download).end);
}

TEST(PipelineRatesTest, BoundsTheLiveStreamsOfAPerson) {
  testing::TestHost host;
  host.host().rates = {.live_streams_max = 2};
  testing::EchoServer echo(host);
  const Handler& count = *echo.pipeline().methods().Find(kCount);
  std::vector<std::unique_ptr<StreamCall>> open;
  const auto watch = [&](absl::string_view as, bool live = true) {
    Incoming incoming;
    if (!as.empty()) incoming.token = host.TokenFor(as);
    open.push_back(echo.pipeline().ServerStream(
        count, std::move(incoming), live ? CountLive(9, 0) : CountTo(9, 0, 0)));
    return Pull(*open.back()).status;
  };
  EXPECT_THAT(watch("members/ada"), Succeeds());
  EXPECT_THAT(watch("members/ada"), Succeeds());
  EXPECT_THAT(watch("members/ada"), FailsWith(Reason::RATE_LIMITED));
  for (const char* other :
       {"members/bob", "services/x", "services/x", "services/x", "", "", ""}) {
    EXPECT_THAT(watch(other), Succeeds()) << other;
  }
  EXPECT_THAT(watch("members/ada", /*live=*/false), Succeeds());
  open.erase(open.begin());
  EXPECT_TRUE(testing::Eventually([&] { return watch("members/ada").ok(); }));
  EXPECT_THAT(watch("members/ada"), FailsWith(Reason::RATE_LIMITED));
}

TEST_F(PipelineTest, AddsUpAClientStream) {
  std::vector<v1::SumRequest> requests(5);
  for (int i = 0; i < 5; ++i) requests[i].set_number(i);
  absl::StatusOr<v1::SumResponse> response =
      caller_.ClientStream<v1::SumResponse>("", requests);
  ASSERT_THAT(response, Succeeds());
  EXPECT_EQ(response->sum(), 10);
  EXPECT_EQ(response->messages(), 5);
}

TEST_F(PipelineTest, LeavesNothingOfAStreamThatBreaksOff) {
  {
    auto stream = echo_.pipeline().ClientStream(Method(kSum), {});
    const std::string bytes = v1::SumRequest().SerializeAsString();
    absl::Notification pushed;
    stream->Push(bytes, [&](absl::Status) { pushed.Notify(); });
    pushed.WaitForNotification();
    EXPECT_EQ(echo_.state().sums_open, 1);
  }
  EXPECT_TRUE(
      testing::Eventually([&] { return echo_.state().sums_open == 0; }));
  EXPECT_EQ(echo_.state().sums_finished, 0);
}

TEST_F(PipelineTest, RefusesAClientStreamWithoutMessages) {
  auto stream = echo_.pipeline().ClientStream(Method(kSum), {});
  Reply result;
  absl::Notification done;
  stream->Finish([&](Reply reply) {
    result = std::move(reply);
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_THAT(result.status, FailsWith(Reason::MESSAGE_INVALID));
}

TEST(PipelineRatesTest, RefusesAPersonWhoCallsTooOftenAndNobodyElse) {
  testing::TestHost host;
  limits::LocalLimiter limiter;
  host.host().rates = {.limiter = &limiter,
                       .calls = {.per_second = 0.001, .burst = 3}};
  testing::EchoServer echo(host);
  testing::Caller caller(host, echo.pipeline());
  const auto ask = [&](absl::string_view as) {
    return caller.Call<v1::WhoAmIResponse>(as, v1::WhoAmIRequest()).status();
  };
  for (int i = 0; i < 3; ++i) EXPECT_THAT(ask("members/ada"), Succeeds());
  EXPECT_THAT(ask("members/ada"), FailsWith(Reason::RATE_LIMITED));
  EXPECT_THAT(ask("members/bob"), Succeeds());
  for (int i = 0; i < 5; ++i) EXPECT_THAT(ask("services/x"), Succeeds());
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(caller.Call<v1::EchoResponse>("", v1::EchoRequest()),
                Succeeds());
  }
}

}  // namespace
}  // namespace praxis::rpc
