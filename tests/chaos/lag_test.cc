// How soon an event is with a consumer.
#include "tests/chaos/lag.h"

#include <cstdio>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/chaos/effort.h"
#include "tests/chaos/load.h"
#include "tests/system/ground.h"

namespace praxis::chaos {
namespace {

// With Redis and without: every event arrives.
class LagTest : public ::testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Redis, LagTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "With" : "Without";
                         });

TEST_P(LagTest, BringsEveryEventToEveryConsumer) {
  const system::Ground ground(/*with_redis=*/GetParam());
  system::Suite::Options options = ground.OptionsFor(/*replicas=*/2);
  options.service_metrics = true;
  system::Suite suite(system::Shape::kFourProcesses, options);
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  Newsmaker news(suite);
  for (const char* consumer : {"discussions", "resources-2"}) {
    std::vector<absl::Duration> lags;
    for (int i = 0; i < Scaled(100); ++i) {
      const auto lag = news.MakeNews(consumer, absl::Seconds(10));
      ASSERT_TRUE(lag.has_value()) << consumer;
      lags.push_back(*lag);
    }
    printf(
        "chaos lag, %s: from the answer until %s has applied it p50 %.1f ms, "
        "p99 %.1f ms, most %.1f ms\n",
        GetParam() ? "with Redis" : "without Redis", consumer,
        PercentileMs(lags, 0.5), PercentileMs(lags, 0.99),
        PercentileMs(lags, 1));
  }
}

}  // namespace
}  // namespace praxis::chaos
