// How a server ends.
#include <memory>
#include <string>
#include <thread>

#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/rpc/grpc/testing/client.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::CallUnary;
using testing::EchoRim;
using testing::Eventually;
using testing::FailsWith;
using testing::GrpcCall;
using testing::kBlock;
using testing::kCount;
using testing::kEcho;
using testing::kSum;
using testing::Succeeds;
namespace v1 = testing::v1;

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kWatch[] = "/grpc.health.v1.Health/Watch";
constexpr char kReflection[] =
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

GrpcServer::Options WithShutdownLimit(absl::Duration limit) {
  GrpcServer::Options options;
  options.shutdown_limit = limit;
  return options;
}

HealthCheckResponse::ServingStatus HealthOf(EchoRim& rim) {
  const auto response = CallUnary<HealthCheckResponse>(rim.channel(), kCheck,
                                                       HealthCheckRequest());
  return response.ok() ? response->status() : HealthCheckResponse::UNKNOWN;
}

// The limit is never reached: a stream that nobody ends would show as a test
// that times out.
TEST(DrainTest, EndsEveryOpenStream) {
  EchoRim rim(WithShutdownLimit(absl::InfiniteDuration()));
  GrpcCall counting(rim.channel(), kCount);
  v1::CountRequest request;
  request.set_to(2);
  request.set_wait_at(2);
  counting.Write(request.SerializeAsString());
  counting.WritesDone();
  ASSERT_TRUE(counting.Read().has_value());
  GrpcCall adding(rim.channel(), kSum);
  ASSERT_TRUE(adding.Write(""));
  GrpcCall watching(rim.channel(), kWatch);
  watching.Write("");
  ASSERT_TRUE(watching.Read().has_value());
  GrpcCall asking(rim.channel(), kReflection);
  asking.Write("");
  ASSERT_TRUE(asking.Read().has_value());
  ASSERT_TRUE(Eventually([&] {
    return rim.state().gate.waiting() == 1 && rim.state().sums_open == 1;
  }));

  rim.server().Drain(absl::ZeroDuration());
  EXPECT_THAT(counting.Status(), FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  EXPECT_THAT(adding.Status(), FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  EXPECT_THAT(watching.Status(), FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  EXPECT_THAT(asking.Status(), FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  EXPECT_TRUE(Eventually([&] {
    return rim.state().counts_open == 0 && rim.state().sums_open == 0;
  }));
  EXPECT_EQ(rim.state().sums_finished, 0);
}

TEST(DrainTest, ServesOnWhileItSaysThatItStops) {
  EchoRim rim;
  EXPECT_EQ(HealthOf(rim), HealthCheckResponse::SERVING);
  GrpcCall watching(rim.channel(), kWatch);
  watching.Write("");
  ASSERT_TRUE(watching.Read().has_value());
  std::thread drain([&] { rim.server().Drain(absl::Seconds(2)); });
  HealthCheckResponse news;
  EXPECT_TRUE(news.ParseFromString(watching.Read().value_or("")));
  EXPECT_EQ(news.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(HealthOf(rim), HealthCheckResponse::NOT_SERVING);
  EXPECT_THAT(
      CallUnary<v1::EchoResponse>(rim.channel(), kEcho, v1::EchoRequest()),
      Succeeds());
  drain.join();
}

TEST(DrainTest, LetsCallsUnderWayEnd) {
  EchoRim rim(WithShutdownLimit(absl::InfiniteDuration()));
  GrpcCall call(rim.channel(), kBlock);
  call.Write("");
  call.WritesDone();
  ASSERT_TRUE(Eventually([&] { return rim.state().blocked == 1; }));
  std::thread drain([&] { rim.server().Drain(absl::ZeroDuration()); });
  // New calls are refused by now; the one under way is not.
  EXPECT_TRUE(Eventually([&] {
    return !CallUnary<v1::EchoResponse>(testing::Connect(rim.server().port()),
                                        kEcho, v1::EchoRequest())
                .ok();
  }));
  EXPECT_EQ(rim.state().blocked, 1);
  rim.state().gate.Open();
  EXPECT_THAT(call.Status(), Succeeds());
  drain.join();
}

TEST(DrainTest, CutsOffCallsThatTakeLongerThanTheLimit) {
  EchoRim rim(WithShutdownLimit(absl::Milliseconds(20)));
  GrpcCall call(rim.channel(), kBlock);
  call.Write("");
  call.WritesDone();
  ASSERT_TRUE(Eventually([&] { return rim.state().blocked == 1; }));
  rim.server().Drain(absl::ZeroDuration());
  EXPECT_EQ(rim.state().blocks_cancelled, 1);
  EXPECT_FALSE(call.Finish().ok());
}

TEST(DrainTest, CutsOffAReaderWhoDoesNotRead) {
  EchoRim rim(WithShutdownLimit(absl::Milliseconds(20)));
  GrpcCall call(rim.channel(), kCount);
  v1::CountRequest request;
  request.set_to(2000);
  request.set_payload_bytes(1 << 20);
  call.Write(request.SerializeAsString());
  call.WritesDone();
  ASSERT_TRUE(call.Read().has_value());
  rim.server().Drain(absl::ZeroDuration());
  EXPECT_TRUE(Eventually([&] { return rim.state().counts_open == 0; }));
}

TEST(DrainTest, MayBeAskedForTwice) {
  EchoRim rim;
  rim.server().Drain(absl::ZeroDuration());
  rim.server().Drain(absl::ZeroDuration());
  EXPECT_THAT(
      CallUnary<v1::EchoResponse>(rim.channel(), kEcho, v1::EchoRequest()),
      FailsWith(errors::v1::BACKEND_UNAVAILABLE));
}

}  // namespace
}  // namespace praxis::rpc
