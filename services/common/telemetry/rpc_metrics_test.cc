#include "services/common/telemetry/rpc_metrics.h"

#include <string>

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

TEST_F(RpcMetricsTest, CountsACodeItDoesNotKnowAsUnknown) {
  metrics_.Of(Method("grpc.health.v1.Health.Check"))
      .Handled(static_cast<absl::StatusCode>(99), absl::Seconds(1));
  EXPECT_THAT(registry_.Text(), HasSubstr(R"(grpc_code="Unknown"} 1)"));
}

}  // namespace
}  // namespace praxis::telemetry
