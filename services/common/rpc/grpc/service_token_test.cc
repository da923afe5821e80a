#include "services/common/rpc/grpc/service_token.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/rpc/grpc/testing/sessions.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using testing::FailsWith;
using testing::Succeeds;

class ServiceTokenTest : public ::testing::Test {
 protected:
  ServiceTokenTest() {
    server_ =
        *GrpcServer::Start({.address = "127.0.0.1:0",
                            .served = {{&sessions_.pipeline(), nullptr}}});
    address_ = absl::StrCat("127.0.0.1:", server_->port());
    token_ = TokenOf("services/discussions:secret");
  }

  std::unique_ptr<ServiceToken> TokenOf(const std::string& credential) {
    return std::make_unique<ServiceToken>(OpenChannel(address_), credential,
                                          [this] { return now_.load(); });
  }
  void Pass(absl::Duration time) { now_ = now_.load() + time; }

  testing::TestHost host_;
  testing::FakeSessions sessions_{host_};
  std::unique_ptr<GrpcServer> server_;
  std::string address_;
  std::atomic<absl::Time> now_ = absl::FromUnixSeconds(1700000000);
  std::unique_ptr<ServiceToken> token_;
};

TEST_F(ServiceTokenTest, ExchangesTheCredentialOnce) {
  const auto first = token_->Get();
  ASSERT_THAT(first, Succeeds());
  EXPECT_NE(*first, "");
  EXPECT_EQ(*token_->Get(), *first);
  EXPECT_EQ(sessions_.exchanges(), 1);
}

TEST_F(ServiceTokenTest, PassesOnThatTheCredentialIsWrong) {
  EXPECT_THAT(TokenOf("services/discussions:wrong")->Get(),
              FailsWith(errors::v1::TOKEN_INVALID));
}

TEST_F(ServiceTokenTest, RenewsWhenTwoThirdsOfItsLifeAreOver) {
  sessions_.SetToken("first");
  EXPECT_EQ(*token_->Get(), "first");
  sessions_.SetToken("second");
  Pass(absl::Seconds(399));
  EXPECT_EQ(*token_->Get(), "first");
  Pass(absl::Seconds(1));
  EXPECT_EQ(*token_->Get(), "second");
  EXPECT_EQ(sessions_.exchanges(), 2);
}

TEST_F(ServiceTokenTest, KeepsATokenThatIsGoodWhileMembersIsDown) {
  sessions_.SetToken("first");
  EXPECT_EQ(*token_->Get(), "first");
  server_.reset();
  Pass(absl::Seconds(589));
  EXPECT_EQ(*token_->Get(), "first");
  Pass(absl::Seconds(2));
  EXPECT_THAT(token_->Get(), FailsWith(errors::v1::BACKEND_UNAVAILABLE));
}

TEST_F(ServiceTokenTest, DoesNotAskAgainRightAfterAFailure) {
  const auto wrong = TokenOf("services/discussions:wrong");
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(wrong->Get(), FailsWith(errors::v1::TOKEN_INVALID));
  }
  EXPECT_EQ(sessions_.exchanges(), 1);
  Pass(absl::Seconds(1));
  EXPECT_THAT(wrong->Get(), FailsWith(errors::v1::TOKEN_INVALID));
  EXPECT_EQ(sessions_.exchanges(), 2);
}

TEST_F(ServiceTokenTest, AsksAgainWhenTheClockWasSetBack) {
  const auto wrong = TokenOf("services/discussions:wrong");
  EXPECT_THAT(wrong->Get(), FailsWith(errors::v1::TOKEN_INVALID));
  Pass(-absl::Hours(1));
  EXPECT_THAT(wrong->Get(), FailsWith(errors::v1::TOKEN_INVALID));
  EXPECT_EQ(sessions_.exchanges(), 2);
}

TEST_F(ServiceTokenTest, ForgetsATokenThatWasRefused) {
  sessions_.SetToken("first");
  EXPECT_EQ(*token_->Get(), "first");
  sessions_.SetToken("second");
  token_->Drop("another");
  EXPECT_EQ(*token_->Get(), "first");
  token_->Drop("first");
  EXPECT_EQ(*token_->Get(), "second");
}

TEST_F(ServiceTokenTest, AsksOnceForManyCallersAtOnce) {
  std::atomic<int> good = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      if (token_->Get().ok()) ++good;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(good, 8);
  EXPECT_EQ(sessions_.exchanges(), 1);
}

}  // namespace
}  // namespace praxis::rpc
