#include "gateway/ops/health.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using ::testing::ElementsAre;

// An upstream whose health is asked by hand.
class SlowUpstream : public Upstream {
 public:
  std::unique_ptr<Endpoint> Bind(
      const google::protobuf::MethodDescriptor&) override {
    return nullptr;
  }
  void Check(absl::AnyInvocable<void(std::vector<Health>)> done) override {
    asked.push_back(std::move(done));
  }

  std::vector<absl::AnyInvocable<void(std::vector<Health>)>> asked;
};

std::vector<std::string> NamesOf(const std::vector<Health>& lines) {
  std::vector<std::string> names;
  for (const Health& line : lines) names.push_back(line.name);
  return names;
}

absl::Status Away() {
  return Error(Reason::BACKEND_UNAVAILABLE, "It is away.");
}

TEST(HealthChecksTest, AsksEachOnceForAllWhoWait) {
  SlowUpstream a;
  SlowUpstream b;
  auto checks = std::make_shared<HealthChecks>(std::vector<Upstream*>{&a, &b});
  std::vector<std::string> first;
  std::vector<std::string> second;
  checks->Ask([&](const auto& lines) { first = NamesOf(lines); });
  checks->Ask([&](const auto& lines) { second = NamesOf(lines); });
  ASSERT_EQ(a.asked.size(), 1);
  ASSERT_EQ(b.asked.size(), 1);
  b.asked[0]({{"b", absl::OkStatus()}});
  EXPECT_THAT(first, ElementsAre());
  a.asked[0]({{"a/database", Away()}, {"a", absl::OkStatus()}});
  EXPECT_THAT(first, ElementsAre("a", "a/database", "b"));
  EXPECT_EQ(second, first);
  // A third who comes at once is told what is known.
  std::vector<std::string> third;
  checks->Ask([&](const auto& lines) { third = NamesOf(lines); });
  EXPECT_EQ(third, first);
  EXPECT_EQ(a.asked.size(), 1);
}

TEST(HealthChecksTest, HasNothingToSayWithoutUpstreams) {
  auto checks = std::make_shared<HealthChecks>(std::vector<Upstream*>());
  bool told = false;
  checks->Ask([&](const auto& lines) { told = lines.empty(); });
  EXPECT_TRUE(told);
}

TEST(HealthQueryTest, IsThatOfKubernetes) {
  const HealthQuery query =
      HealthQuery::Parse("verbose&exclude=a&exclude=b/c&other=1");
  EXPECT_TRUE(query.verbose);
  EXPECT_THAT(query.excluded, ElementsAre("a", "b/c"));
  EXPECT_TRUE(HealthQuery::Parse("verbose=true").verbose);
  EXPECT_FALSE(HealthQuery::Parse("").verbose);
}

TEST(HealthResponseTest, SaysOkInOneWord) {
  const std::vector<Health> fine = {{"a", absl::OkStatus()}};
  for (HealthPage page :
       {HealthPage::kLive, HealthPage::kReady, HealthPage::kHealth}) {
    const Response response = HealthResponse(page, {}, false, fine);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "ok");
    EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  }
}

TEST(HealthResponseTest, IsReadyUntilItStops) {
  const Response response =
      HealthResponse(HealthPage::kReady, {}, /*stopping=*/true, {});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body,
            "[+]ping ok\n[-]shutdown failed: the process stops\n"
            "readyz check failed\n");
  EXPECT_EQ(
      HealthResponse(HealthPage::kReady, {.excluded = {"shutdown"}}, true, {})
          .status,
      200);
  EXPECT_EQ(HealthResponse(HealthPage::kLive, {}, true, {}).status, 200);
}

TEST(HealthResponseTest, IsDegradedWithoutABackendAndNotDead) {
  const std::vector<Health> backends = {
      {"a", Away()}, {"b", absl::UnknownError("password=secret")}};
  const Response health =
      HealthResponse(HealthPage::kHealth, {.verbose = true}, false, backends);
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body,
            "[+]ping ok\n[-]a degraded: It is away.\n"
            "[-]b degraded: reason withheld\nhealthz check degraded\n");
  EXPECT_EQ(HealthResponse(HealthPage::kHealth, {}, false, backends).body,
            "degraded");
  const Response ready =
      HealthResponse(HealthPage::kReady, {}, false, backends);
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.body, "ok");
}

TEST(HealthResponseTest, LeavesOutWhatIsExcluded) {
  const Response response =
      HealthResponse(HealthPage::kHealth, {.verbose = true, .excluded = {"a"}},
                     false, {{"a", Away()}});
  EXPECT_EQ(response.body,
            "[+]ping ok\n[+]a excluded: ok\nhealthz check passed\n");
}

}  // namespace
}  // namespace praxis::gateway
