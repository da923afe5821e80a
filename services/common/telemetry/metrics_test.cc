#include "services/common/telemetry/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::telemetry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(CounterTest, CountsWhatManyThreadsAdd) {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10'000; ++j) counter.Add();
    });
  }
  for (auto& thread : threads) thread.join();
  counter.Add(5);
  EXPECT_EQ(counter.value(), 40'005u);
}

TEST(GaugeTest, GoesUpAndDown) {
  Gauge gauge;
  gauge.Set(7);
  gauge.Add(-9);
  EXPECT_EQ(gauge.value(), -2);
}

TEST(HistogramTest, PutsADurationUnderTheFirstBoundThatHoldsIt) {
  Histogram histogram({absl::Milliseconds(1), absl::Milliseconds(10)});
  histogram.Record(absl::Milliseconds(1));
  histogram.Record(absl::Milliseconds(1) + absl::Nanoseconds(1));
  histogram.Record(absl::Milliseconds(10));
  histogram.Record(absl::Seconds(1));
  EXPECT_THAT(histogram.Read().counts, ElementsAre(1, 2, 1));
  EXPECT_EQ(histogram.Read().sum,
            absl::Milliseconds(1012) + absl::Nanoseconds(1));
}

TEST(HistogramTest, CountsWhatManyThreadsRecord) {
  Histogram histogram(LatencyBounds());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10'000; ++j) histogram.Record(absl::Seconds(3));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(histogram.Read().counts[14], 80'000u);
  EXPECT_EQ(histogram.Read().sum, absl::Seconds(240'000));
}

TEST(RegistryTest, ShowsEveryKindAsPrometheusReadsIt) {
  Registry registry;
  registry.FindCounter("a_total", "Count of a.", {{"x", "1"}}).Add(3);
  registry.FindGauge("b", "State of b.").Set(-4);
  registry.ReadGauge("c", "State of c.", {}, [] { return 0.5; });
  registry.ReadCounter("d_total", "Count of d.", {}, [] { return 6; });
  Histogram& seconds = registry.FindHistogram(
      "e_seconds", "Time of e.", {}, {absl::Milliseconds(5), absl::Seconds(1)});
  seconds.Record(absl::Milliseconds(1));
  seconds.Record(absl::Milliseconds(500));
  seconds.Record(absl::Seconds(2));
  EXPECT_EQ(registry.Text(),
            "# HELP a_total Count of a.\n"
            "# TYPE a_total counter\n"
            "a_total{x=\"1\"} 3\n"
            "# HELP b State of b.\n"
            "# TYPE b gauge\n"
            "b -4\n"
            "# HELP c State of c.\n"
            "# TYPE c gauge\n"
            "c 0.5\n"
            "# HELP d_total Count of d.\n"
            "# TYPE d_total counter\n"
            "d_total 6\n"
            "# HELP e_seconds Time of e.\n"
            "# TYPE e_seconds histogram\n"
            "e_seconds_count 3\n"
            "e_seconds_sum 2.501\n"
            "e_seconds_bucket{le=\"0.005\"} 1\n"
            "e_seconds_bucket{le=\"1\"} 2\n"
            "e_seconds_bucket{le=\"+Inf\"} 3\n");
}

TEST(HistogramTest, TakesNoTimeAndLessThanNone) {
  Histogram histogram({absl::Milliseconds(1)});
  histogram.Record(absl::ZeroDuration());
  histogram.Record(-absl::Seconds(1));
  histogram.Record(absl::InfiniteDuration());
  EXPECT_THAT(histogram.Read().counts, ElementsAre(2, 1));
}

TEST(LatencyBoundsTest, Grow) {
  const auto bounds = LatencyBounds();
  EXPECT_LE(bounds.size(), static_cast<size_t>(Histogram::kBoundsMax));
  for (size_t i = 1; i < bounds.size(); ++i) {
    EXPECT_LT(bounds[i - 1], bounds[i]);
  }
}

TEST(RegistryTest, IsFoundInAndReadByManyThreadsAtOnce) {
  Registry registry;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&registry, i] {
      for (int j = 0; j < 200; ++j) {
        const Labels labels = {{"x", std::to_string((i + j) % 50)}};
        registry.FindCounter("a_total", "A.", labels).Add();
        EXPECT_THAT(registry.Text(), HasSubstr("a_total{x="));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  uint64_t sum = 0;
  for (int i = 0; i < 50; ++i) {
    sum += registry.FindCounter("a_total", "A.", {{"x", std::to_string(i)}})
               .value();
  }
  EXPECT_EQ(sum, 800u);
}

TEST(RegistryTest, ReadsAValueEachTimeItIsShown) {
  Registry registry;
  int value = 0;
  registry.ReadGauge("a", "A.", {{"x", "1"}}, [&] { return ++value; });
  EXPECT_THAT(registry.Text(), HasSubstr("a{x=\"1\"} 1\n"));
  EXPECT_THAT(registry.Text(), HasSubstr("a{x=\"1\"} 2\n"));
}

TEST(RegistryTest, IsEmptyBeforeAnythingIsFound) {
  EXPECT_EQ(Registry().Text(), "");
}

TEST(RegistryTest, FindsTheSameMetricAgain) {
  Registry registry;
  const Labels labels = {{"x", "1"}};
  EXPECT_EQ(&registry.FindCounter("a_total", "A.", labels),
            &registry.FindCounter("a_total", "A.", labels));
  EXPECT_NE(&registry.FindCounter("a_total", "A.", labels),
            &registry.FindCounter("a_total", "A.", {{"x", "2"}}));
}

TEST(RegistryTest, EscapesLabelValues) {
  Registry registry;
  registry.FindCounter("a_total", "A.", {{"x", "\"\n\\"}}).Add();
  EXPECT_THAT(registry.Text(), HasSubstr(R"(a_total{x="\"\n\\"} 1)"));
}

TEST(RegistryTest, HoldsABoundedNumberOfSeriesOfOneName) {
  Registry registry(/*series_max=*/3);
  for (int i = 0; i < 100; ++i) {
    registry.FindCounter("a_total", "A.", {{"x", std::to_string(i)}}).Add();
  }
  const std::string text = registry.Text();
  EXPECT_THAT(text, HasSubstr("a_total{x=\"2\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("a_total{x=\"3\"}")));
  EXPECT_THAT(text, HasSubstr("a_total{x=\"other\"} 97\n"));
}

TEST(RegistryDeathTest, EndsTheProcessWhenOneNameMeansTwoThings) {
  Registry registry;
  registry.FindCounter("a_total", "A.", {{"x", "1"}});
  EXPECT_DEATH(registry.FindGauge("a_total", "A.", {{"x", "1"}}), "kind");
  EXPECT_DEATH(registry.FindCounter("a_total", "B.", {{"x", "1"}}), "help");
  EXPECT_DEATH(registry.FindCounter("a_total", "A.", {{"y", "1"}}), "labels");
  EXPECT_DEATH(registry.FindCounter("a_total", "A.", {}), "labels");
  EXPECT_DEATH(
      registry.ReadCounter("a_total", "A.", {{"x", "1"}}, [] { return 1; }),
      "counted, not read");
  registry.ReadGauge("b", "B.", {}, [] { return 1; });
  EXPECT_DEATH(registry.FindGauge("b", "B."), "read, not set");
}

}  // namespace
}  // namespace praxis::telemetry
