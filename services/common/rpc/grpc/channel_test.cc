#include "services/common/rpc/grpc/channel.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"
#include "services/common/rpc/grpc/testing/client.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using testing::EchoRim;
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
