#include "services/common/telemetry/rpc_metrics.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace praxis::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RpcMetricsTest : public ::testing::Test {
 protected:
  static const google::protobuf::MethodDescriptor& Method(
      const std::string& name) {
    const auto* method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
            name);
    EXPECT_NE(method, nullptr) << name;
    return *method;
  }

  Registry registry_;
  RpcMetrics metrics_{registry_};
};

TEST_F(RpcMetricsTest, CountsUnderTheNamesOfGoGrpcPrometheus) {
  MethodMetrics& check = metrics_.Of(Method("grpc.health.v1.Health.Check"));
  check.Started();
  check.Started();
  check.Handled(absl::StatusCode::kNotFound, absl::Milliseconds(3));
  const std::string labels =
      R"(grpc_type="unary",grpc_service="grpc.health.v1.Health",)"
      R"(grpc_method="Check")";
  const std::string text = registry_.Text();
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{" + labels + "} 2\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{" + labels +
                              R"(,grpc_code="OK"} 0)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{" + labels +
                              R"(,grpc_code="NotFound"} 1)"));
  EXPECT_THAT(text, Not(HasSubstr(R"(grpc_code="Aborted")")));
  EXPECT_THAT(
      text, HasSubstr("grpc_server_handling_seconds_count{" + labels + "} 1"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket{" + labels +
                              R"(,le="0.0025"} 0)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket{" + labels +
                              R"(,le="0.005"} 1)"));
}

TEST_F(RpcMetricsTest, NamesTheKindsOfStreams) {
  metrics_.Of(Method("grpc.health.v1.Health.Watch"));
  metrics_.Of(
      Method("grpc.reflection.v1.ServerReflection"
             ".ServerReflectionInfo"));
  metrics_.Of(Method("praxis.resources.v1.ResourceService.UploadResource"));
  const std::string text = registry_.Text();
  EXPECT_THAT(text, HasSubstr(R"(grpc_type="server_stream",grpc_service="grpc)"
                              R"(.health.v1.Health",grpc_method="Watch")"));
  EXPECT_THAT(text, HasSubstr(R"(grpc_type="bidi_stream")"));
  EXPECT_THAT(text, HasSubstr(R"(grpc_type="client_stream")"));
}

// EventService is served by each of the three services in one process.
TEST_F(RpcMetricsTest, AddsUpWhatSeveralServersServe) {
  const auto& method = Method("grpc.health.v1.Health.Check");
  metrics_.Of(method).Started();
  metrics_.Of(method).Started();
  EXPECT_THAT(registry_.Text(), HasSubstr(R"(grpc_method="Check"} 2)"));
}

TEST_F(RpcMetricsTest, NamesEveryCodeAsGrpcGoDoes) {
  MethodMetrics& check = metrics_.Of(Method("grpc.health.v1.Health.Check"));
  for (int code = 0; code <= 16; ++code) {
    check.Handled(static_cast<absl::StatusCode>(code), absl::Seconds(1));
  }
  for (const char* name :
       {"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded",
        "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
        "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented",
        "Internal", "Unavailable", "DataLoss", "Unauthenticated"}) {
    EXPECT_THAT(registry_.Text(),
                HasSubstr(absl::StrCat("grpc_code=\"", name, "\"} 1\n")));
  }
}

TEST_F(RpcMetricsTest, CountsWhatManyThreadsHandle) {
  MethodMetrics& check = metrics_.Of(Method("grpc.health.v1.Health.Check"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&check] {
      for (int j = 0; j < 1700; ++j) {
        check.Started();
        check.Handled(static_cast<absl::StatusCode>(j % 17), absl::Seconds(1));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const std::string text = registry_.Text();
  EXPECT_THAT(text, HasSubstr(R"(grpc_method="Check"} 6800)"));
  EXPECT_THAT(text, HasSubstr(R"(grpc_code="OK"} 400)"));
  EXPECT_THAT(text, HasSubstr(R"(grpc_code="Unauthenticated"} 400)"));
}

TEST_F(RpcMetricsTest, CountsACodeItDoesNotKnowAsUnknown) {
  metrics_.Of(Method("grpc.health.v1.Health.Check"))
      .Handled(static_cast<absl::StatusCode>(99), absl::Seconds(1));
  EXPECT_THAT(registry_.Text(), HasSubstr(R"(grpc_code="Unknown"} 1)"));
}

}  // namespace
}  // namespace praxis::telemetry
