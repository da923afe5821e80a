#include "services/common/rpc/grpc/health_service.h"

#include <atomic>
#include <memory>
#include <string>

#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/rpc/grpc/testing/client.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::FailsWith;
using testing::GrpcCall;

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kWatch[] = "/grpc.health.v1.Health/Watch";
constexpr char kEchoService[] = "praxis.testing.v1.EchoService";

class HealthServiceTest : public ::testing::Test {
 protected:
  HealthServiceTest() {
    server_ = *GrpcServer::Start({
        .address = "127.0.0.1:0",
        .served = {{&echo_.pipeline(),
                    [this] {
                      return well_ ? absl::OkStatus()
                                   : Error(errors::v1::STORAGE_UNAVAILABLE,
                                           "The disk is full.");
                    }}},
        .health_interval = absl::Milliseconds(1),
    });
    channel_ = testing::Connect(server_->port());
  }

  absl::StatusOr<HealthCheckResponse> Check(const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    return testing::CallUnary<HealthCheckResponse>(channel_, kCheck, request);
  }

  std::unique_ptr<GrpcCall> Watch(const std::string& service) {
    auto call = std::make_unique<GrpcCall>(channel_, kWatch);
    HealthCheckRequest request;
    request.set_service(service);
    call->Write(request.SerializeAsString());
    return call;
  }

  static HealthCheckResponse::ServingStatus Next(GrpcCall& call) {
    HealthCheckResponse response;
    response.ParseFromString(call.Read().value_or("no message"));
    return response.status();
  }

  std::atomic<bool> well_ = true;
  testing::TestHost host_;
  testing::EchoServer echo_{host_};
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(HealthServiceTest, ChecksTheServerAndEachOfItsServices) {
  for (const char* service : {"", kEchoService, "grpc.health.v1.Health",
                              "grpc.reflection.v1.ServerReflection",
                              "grpc.reflection.v1alpha.ServerReflection"}) {
    const auto response = Check(service);
    ASSERT_TRUE(response.ok()) << service << " " << response.status();
    EXPECT_EQ(response->status(), HealthCheckResponse::SERVING);
  }
  EXPECT_EQ(Check("nobody.Service").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(HealthServiceTest, WritesEachChangeToAWatcher) {
  const auto call = Watch(kEchoService);
  EXPECT_EQ(Next(*call), HealthCheckResponse::SERVING);
  well_ = false;
  EXPECT_EQ(Next(*call), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Check("")->status(), HealthCheckResponse::NOT_SERVING);
  well_ = true;
  EXPECT_EQ(Next(*call), HealthCheckResponse::SERVING);
}

TEST_F(HealthServiceTest, KeepsWatchOverAServiceItDoesNotKnow) {
  const auto call = Watch("nobody.Service");
  EXPECT_EQ(Next(*call), HealthCheckResponse::SERVICE_UNKNOWN);
  call->Cancel();
  EXPECT_EQ(call->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(HealthServiceTest, RefusesWhatIsNoRequest) {
  for (const char* path : {kCheck, kWatch}) {
    GrpcCall call(channel_, path);
    EXPECT_THAT(call.Unary("\x0a\xff"), FailsWith(errors::v1::MESSAGE_INVALID));
  }
}

}  // namespace
}  // namespace praxis::rpc
