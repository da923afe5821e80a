#include "gateway/ops/status/sampler.h"

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "gateway/ops/route_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/eventually.h"

namespace praxis::gateway {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::HasSubstr;

class Moody : public Upstream {
 public:
  std::unique_ptr<Endpoint> Bind(
      const google::protobuf::MethodDescriptor&) override {
    return nullptr;
  }
  void Check(absl::AnyInvocable<void(std::vector<Health>)> done) override {
    done({{"a", absl::OkStatus()},
          {"a/b", well ? absl::OkStatus() : absl::UnavailableError("away")}});
  }

  std::atomic<bool> well{false};
};

TEST(SamplerTest, TakesSamplesByItself) {
  Moody upstream;
  telemetry::Registry registry;
  const RouteMetrics books(registry, "/v1/books", "GET", "books.v1");
  Sampler sampler(
      std::make_shared<HealthChecks>(std::vector<Upstream*>{&upstream}),
      registry, {}, absl::Milliseconds(1));
  ASSERT_TRUE(
      Eventually([&] { return sampler.history()->Last(1).has_value(); }));
  books.Answered(200, absl::Milliseconds(1));
  EXPECT_TRUE(Eventually([&] {
    return sampler.history()->Last(History::kSamplesMax)->traffic.requests == 1;
  }));
  EXPECT_THAT(sampler.history()->Last(1)->failed, ElementsAre("a/b"));
  EXPECT_THAT(registry.Text(),
              HasSubstr("praxis_gateway_check_ok{check=\"a\"} 1\n"));
  EXPECT_THAT(registry.Text(),
              HasSubstr("praxis_gateway_check_ok{check=\"a/b\"} 0\n"));
  upstream.well = true;
  EXPECT_TRUE(Eventually([&] {
    return registry
               .FindGauge("praxis_gateway_check_ok",
                          "1 while a part of what is behind the gateway does "
                          "its work.",
                          {{"check", "a/b"}})
               .value() == 1;
  }));
}

}  // namespace
}  // namespace praxis::gateway
