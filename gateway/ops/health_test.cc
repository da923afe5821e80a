#include "gateway/ops/health.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"

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

TEST(HealthChecksTest, RememberSinceWhenItIsSo) {
  SlowUpstream a;
  auto checks = std::make_shared<HealthChecks>(std::vector<Upstream*>{&a});
  std::vector<Health> seen;
  // Asks anew: a failure is not kept for long.
  const auto look = [&](absl::Status status) {
    const size_t before = a.asked.size();
    EXPECT_TRUE(testing::Eventually([&] {
      checks->Ask([&](const auto& lines) { seen = lines; });
      return a.asked.size() > before;
    }));
    a.asked.back()({{"a", std::move(status)},
                    {.name = "a/part", .since = absl::UnixEpoch()}});
  };
  const absl::Time begin = absl::Now();
  look(Away());
  const absl::Time since = seen[0].since;
  EXPECT_GE(since, begin);
  EXPECT_EQ(seen[1].since, absl::UnixEpoch());
  look(Error(Reason::BACKEND_UNAVAILABLE, "It is still away."));
  EXPECT_EQ(seen[0].since, since);
  look(absl::OkStatus());
  EXPECT_GT(seen[0].since, since);
}

TEST(WhyOfTest, TellsOnlyWhatWasWrittenToBeShown) {
  EXPECT_EQ(WhyOf({"a", absl::OkStatus()}), "");
  EXPECT_EQ(WhyOf({"a", Away()}), "It is away.");
  EXPECT_EQ(WhyOf({"a", absl::UnknownError("password=secret")}),
            "It cannot be asked.");
}

TEST(LagOfTest, IsHowFarAPartIsBehind) {
  const std::vector<Health> lines = {
      {.name = "books/events", .numbers = {{"latest", 10}, {"published", 8}}},
      {.name = "films/events", .numbers = {{"latest", 3}}},
      {.name = "loans/access", .numbers = {{"books", 7}}},
      {.name = "loans/access", .numbers = {{"books", 11}}},
      {.name = "loans/access", .numbers = {{"nobody", 1}}},
      {.name = "books"}};
  const auto lag = [&](int i) { return LagOf(lines[i], lines); };
  EXPECT_EQ(lag(0), 2);
  EXPECT_EQ(lag(1), std::nullopt);
  EXPECT_EQ(lag(2), 3);
  EXPECT_EQ(lag(3), 0);
  EXPECT_EQ(lag(4), std::nullopt);
  EXPECT_EQ(lag(5), std::nullopt);
}

}  // namespace
}  // namespace praxis::gateway
