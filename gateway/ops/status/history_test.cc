#include "gateway/ops/status/history.h"

#include <string>
#include <vector>

#include "gateway/ops/route_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

absl::Time At(int seconds) {
  return absl::FromUnixSeconds(1'700'000'000 + seconds);
}

// As many requests in all, each of them within `bucket`.
Traffic Total(uint64_t requests, uint64_t errors = 0, size_t bucket = 3) {
  Traffic traffic{.requests = requests, .errors = errors};
  traffic.by_latency.resize(telemetry::LatencyBounds().size() + 1);
  traffic.by_latency[bucket] = requests;
  return traffic;
}

TEST(TrafficTest, IsWhatCallersHaveAskedFor) {
  telemetry::Registry registry;
  const RouteMetrics books(registry, "/v1/books", "GET", "books.v1");
  const RouteMetrics watch(registry, "/v1/books:watch", "GET", "books.v1");
  const RouteMetrics page(registry, "/livez", "GET", "gateway");
  const RouteMetrics unrouted(registry, "", "", "gateway");
  books.Answered(200, absl::Microseconds(50));
  books.Answered(404, absl::Microseconds(700));
  books.Answered(503, absl::Seconds(30));
  page.Answered(200, absl::ZeroDuration());
  unrouted.Answered(500, absl::ZeroDuration());
  watch.Answered(200, absl::Hours(1));
  const Traffic traffic = TrafficOf(registry, {"/v1/books:watch"});
  EXPECT_EQ(traffic.requests, 5);
  EXPECT_EQ(traffic.errors, 2);
  ASSERT_THAT(traffic.by_latency, SizeIs(17));
  EXPECT_EQ(traffic.by_latency[0], 1);
  EXPECT_EQ(traffic.by_latency[3], 1);
  EXPECT_EQ(traffic.by_latency[16], 1);
}

TEST(TrafficTest, GuessesQuantilesWithinABucket) {
  // From 0.5 to 1 ms.
  EXPECT_EQ(Total(100).Quantile(0.5), absl::Microseconds(750));
  EXPECT_EQ(Total(100, 0, 0).Quantile(0.5), absl::Microseconds(50));
  EXPECT_EQ(Total(100, 0, 16).Quantile(0.5), absl::Seconds(10));
  Traffic two = Total(99);
  two.Add(Total(1, 0, 10));
  EXPECT_LE(*two.Quantile(0.99), absl::Milliseconds(1));
  EXPECT_GT(*two.Quantile(0.995), absl::Milliseconds(100));
  EXPECT_EQ(Total(0).Quantile(0.5), std::nullopt);
  EXPECT_EQ(Traffic().Quantile(0.5), std::nullopt);
}

TEST(TrafficTest, SharesNoErrorsAmongNoRequests) {
  EXPECT_EQ(Traffic().ErrorShare(), 0);
  EXPECT_EQ(Total(8, 2).ErrorShare(), 0.25);
}

TEST(HistoryTest, IsEmptyUntilTheSecondLook) {
  History history;
  EXPECT_THAT(history.InPeriodsOf(3), IsEmpty());
  history.Add(At(0), Total(100, 7), {});
  EXPECT_THAT(history.InPeriodsOf(3), IsEmpty());
  EXPECT_EQ(history.Last(6), std::nullopt);
}

TEST(HistoryTest, HoldsWhatCameBetweenTwoLooks) {
  History history;
  history.Add(At(0), Total(100), {});
  history.Add(At(10), Total(130, 3), {"a"});
  history.Add(At(20), Total(130, 3), {});
  const std::vector<Period> samples = history.InPeriodsOf(1);
  ASSERT_THAT(samples, SizeIs(2));
  EXPECT_EQ(samples[0].traffic.requests, 30);
  EXPECT_EQ(samples[0].traffic.errors, 3);
  EXPECT_EQ(samples[0].Rate(), 3);
  EXPECT_THAT(samples[0].failed, ElementsAre("a"));
  EXPECT_EQ(samples[1].traffic.requests, 0);
  const std::optional<Period> last = history.Last(6);
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->begin, At(0));
  EXPECT_EQ(last->end, At(20));
  EXPECT_EQ(last->Rate(), 1.5);
  EXPECT_THAT(last->failed, ElementsAre("a"));
  EXPECT_EQ(history.Last(1)->traffic.requests, 0);
  history.Add(At(30), Total(140, 3), {"b"});
  EXPECT_THAT(history.Last(6)->failed, ElementsAre("a", "b"));
  EXPECT_EQ(history.Last(2)->traffic.requests, 10);
}

TEST(HistoryTest, KeepsAnHourAndGroupsItTheSameAsTimeGoesOn) {
  History history;
  for (int i = 0; i <= 500; ++i) history.Add(At(10 * i), Total(i), {});
  EXPECT_THAT(history.InPeriodsOf(1), SizeIs(History::kSamplesMax));
  const std::vector<Period> before = history.InPeriodsOf(3);
  EXPECT_EQ(before.back().end, At(5000));
  history.Add(At(5010), Total(501), {});
  const std::vector<Period> after = history.InPeriodsOf(3);
  EXPECT_EQ(after[after.size() - 3].begin, before[before.size() - 3].begin);
  for (size_t i = 1; i + 1 < after.size(); ++i) {
    EXPECT_EQ(after[i].traffic.requests, 3) << i;
    EXPECT_EQ(after[i].begin, after[i - 1].end) << i;
  }
}

}  // namespace
}  // namespace praxis::gateway
