#include "services/common/rpc/grpc/channel.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "services/common/rpc/grpc/bytes.h"
#include "services/common/rpc/grpc/testing/client.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using testing::EchoRim;
using testing::Eventually;
using testing::FailsWith;
using testing::Succeeds;
namespace v1 = testing::v1;

class ChannelTest : public ::testing::Test {
 protected:
  EchoRim rim_;
  std::string address_ = absl::StrCat("127.0.0.1:", rim_.server().port());
  std::shared_ptr<grpc::Channel> channel_ = OpenChannel(address_);
};

TEST_F(ChannelTest, CallsWithTokenAndDeadline) {
  v1::WhoAmIResponse who;
  EXPECT_THAT(CallUnary(channel_, testing::kWhoAmI,
                        {.token = rim_.host().TokenFor("members/ada")},
                        v1::WhoAmIRequest(), &who),
              Succeeds());
  EXPECT_EQ(who.name(), "members/ada");
  v1::EchoResponse echo;
  EXPECT_THAT(CallUnary(channel_, testing::kEcho, {.timeout = absl::Seconds(2)},
                        v1::EchoRequest(), &echo),
              Succeeds());
  EXPECT_LE(echo.time_left_ms(), 2100);
}

TEST_F(ChannelTest, GivesErrorsAsTheyWereSent) {
  v1::FailRequest request;
  request.set_reason(errors::v1::LAST_OWNER);
  request.set_message("Name another owner first.");
  v1::FailResponse response;
  const absl::Status status =
      CallUnary(channel_, testing::kFail, {}, request, &response);
  EXPECT_THAT(status, FailsWith(errors::v1::LAST_OWNER));
  EXPECT_EQ(status.message(), request.message());
}

TEST_F(ChannelTest, EndsAtTheDeadline) {
  v1::BlockResponse response;
  EXPECT_THAT(
      CallUnary(channel_, testing::kBlock, {.timeout = absl::Milliseconds(30)},
                v1::BlockRequest(), &response),
      FailsWith(errors::v1::DEADLINE_EXCEEDED));
}

TEST_F(ChannelTest, GoesByNoProxy) {
  setenv("http_proxy", "http://127.0.0.1:1", /*overwrite=*/1);
  channel_ = OpenChannel(address_);
  unsetenv("http_proxy");
  v1::EchoResponse echo;
  EXPECT_THAT(CallUnary(channel_, testing::kEcho, {}, v1::EchoRequest(), &echo),
              Succeeds());
}

// The third ping that comes too soon for a server ends the connection.
TEST_F(ChannelTest, PingsNoMoreThanServersPermit) {
  v1::EchoResponse echo;
  ASSERT_THAT(CallUnary(channel_, testing::kEcho, {}, v1::EchoRequest(), &echo),
              Succeeds());
  ASSERT_EQ(channel_->GetState(/*try_to_connect=*/false), GRPC_CHANNEL_READY);
  EXPECT_FALSE(channel_->WaitForStateChange(
      GRPC_CHANNEL_READY, absl::ToChronoTime(absl::Now() + absl::Seconds(9))));
}

// Nobody is there, so that nobody else needs those threads: it is they who call
// back, and who run handlers that may call others.
TEST_F(ChannelTest, CallsFromAllOfGrpcsThreadsAtOnce) {
  rim_.server().Drain(absl::ZeroDuration());
  constexpr int kMoreThanThreads = 40;
  struct Outer {
    grpc::ClientContext context;
    grpc::ByteBuffer sent = BufferOf("");
    grpc::ByteBuffer received;
  };
  grpc::GenericStub stub(channel_);
  std::vector<Outer> outer(kMoreThanThreads);
  absl::BlockingCounter ended(kMoreThanThreads);
  for (Outer& call : outer) {
    stub.UnaryCall(&call.context, testing::kEcho, grpc::StubOptions(),
                   &call.sent, &call.received, [&](const grpc::Status&) {
                     v1::EchoResponse response;
                     EXPECT_THAT(CallUnary(channel_, testing::kEcho, {},
                                           v1::EchoRequest(), &response),
                                 FailsWith(errors::v1::BACKEND_UNAVAILABLE));
                     ended.DecrementCount();
                   });
  }
  ended.Wait();
}

// Each of the two knows its own tokens only, so a token tells who answered.
class TwoServersTest : public ChannelTest {
 protected:
  // How many of so many calls reach the server of rim_; no call may fail but
  // for a token that the other server refuses.
  int CallsOfTheFirst(int calls) {
    const std::string token = rim_.host().TokenFor("members/ada");
    int first = 0;
    for (int i = 0; i < calls; ++i) {
      v1::WhoAmIResponse who;
      const absl::Status status = CallUnary(
          both_, testing::kWhoAmI, {.token = token}, v1::WhoAmIRequest(), &who);
      if (status.ok()) {
        ++first;
      } else {
        EXPECT_THAT(status, FailsWith(errors::v1::TOKEN_INVALID));
      }
    }
    return first;
  }

  EchoRim second_;
  std::shared_ptr<grpc::Channel> both_ = OpenChannel(
      absl::StrCat(address_, ",127.0.0.1:", second_.server().port()));
};

TEST_F(TwoServersTest, AreCalledInTurn) {
  // The first calls may all go to the one that is connected first.
  ASSERT_TRUE(Eventually([&] {
    const int first = CallsOfTheFirst(2);
    return first == 1;
  }));
  EXPECT_EQ(CallsOfTheFirst(100), 50);
}

TEST_F(TwoServersTest, DoTheWorkOfOneThatEnds) {
  ASSERT_TRUE(Eventually([&] { return CallsOfTheFirst(2) == 1; }));
  rim_.server().Drain(absl::ZeroDuration());
  EXPECT_EQ(CallsOfTheFirst(100), 0);
}

TEST_F(TwoServersTest, AreNotBothNeededToBegin) {
  second_.server().Drain(absl::ZeroDuration());
  EXPECT_EQ(CallsOfTheFirst(10), 10);
}

TEST_F(ChannelTest, FailsAtOnceOrWaitsWhileNobodyIsThere) {
  rim_.server().Drain(absl::ZeroDuration());
  v1::EchoResponse response;
  EXPECT_THAT(CallUnary(channel_, testing::kEcho, {.timeout = absl::Hours(1)},
                        v1::EchoRequest(), &response),
              FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  EXPECT_THAT(
      CallUnary(channel_, testing::kEcho,
                {.timeout = absl::Milliseconds(30), .wait_for_ready = true},
                v1::EchoRequest(), &response),
      FailsWith(errors::v1::DEADLINE_EXCEEDED));
}

}  // namespace
}  // namespace praxis::rpc
