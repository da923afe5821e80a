#include "gateway/ops/probes.h"

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
using ::testing::HasSubstr;
using ::testing::Not;

absl::Status Away() {
  return Error(Reason::BACKEND_UNAVAILABLE, "It is \"away\".");
}

TEST(HealthQueryTest, IsThatOfKubernetes) {
  const HealthQuery query =
      HealthQuery::Parse("verbose&exclude=a&exclude=b%2Fc&exclude=%&other=1");
  EXPECT_TRUE(query.verbose);
  EXPECT_FALSE(query.json);
  EXPECT_THAT(query.excluded, ElementsAre("a", "b/c"));
  EXPECT_TRUE(HealthQuery::Parse("verbose=true").verbose);
  EXPECT_TRUE(HealthQuery::Parse("format=json").json);
  EXPECT_FALSE(HealthQuery::Parse("format=xml").json);
  EXPECT_FALSE(HealthQuery::Parse("").verbose);
}

TEST(HealthTextTest, SaysOkInOneWord) {
  const std::vector<Health> fine = {{"a", absl::OkStatus()}};
  for (HealthPage page :
       {HealthPage::kLive, HealthPage::kReady, HealthPage::kHealth}) {
    const Response response = HealthText(page, {}, false, fine);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "ok");
    EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  }
}

TEST(HealthTextTest, IsReadyUntilItStops) {
  const Response response =
      HealthText(HealthPage::kReady, {}, /*stopping=*/true, {});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body,
            "[+]ping ok\n[-]shutdown failed: reason withheld\n"
            "readyz check failed\n");
  EXPECT_EQ(HealthText(HealthPage::kReady, {.excluded = {"shutdown"}}, true, {})
                .status,
            200);
  EXPECT_EQ(HealthText(HealthPage::kLive, {}, true, {}).status, 200);
}

TEST(HealthTextTest, IsDegradedWithoutABackendAndNotDead) {
  const std::vector<Health> backends = {{"a", absl::OkStatus()}, {"b", Away()}};
  const Response health =
      HealthText(HealthPage::kHealth, {.verbose = true}, false, backends);
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body,
            "[+]ping ok\n[+]a ok\n[-]b failed: reason withheld\n"
            "healthz check degraded\n");
  EXPECT_EQ(HealthText(HealthPage::kHealth, {}, false, backends).body,
            "degraded");
  for (HealthPage page : {HealthPage::kLive, HealthPage::kReady}) {
    const Response response =
        HealthText(page, {.verbose = true}, false, backends);
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, Not(HasSubstr("b")));
  }
}

TEST(HealthTextTest, LeavesOutWhatIsExcludedAndSaysWhatIsNotThere) {
  EXPECT_EQ(HealthText(HealthPage::kHealth,
                       {.verbose = true, .excluded = {"b", "a", "a", "b"}},
                       false, {{"a", Away()}})
                .body,
            "[+]ping ok\n[+]a excluded: ok\n"
            "warn: some health checks cannot be excluded: no matches for "
            "\"b\"\nhealthz check passed\n");
  EXPECT_EQ(
      HealthText(HealthPage::kLive,
                 {.verbose = true, .excluded = {"\n[-]x", "b"}}, false, {})
          .body,
      "[+]ping ok\n"
      "warn: some health checks cannot be excluded: no matches for "
      "\"\\n[-]x\",\"b\"\nlivez check passed\n");
}

TEST(HealthJsonTest, TellsAllThatIsKnown) {
  const absl::Time since = absl::FromUnixMillis(1'700'000'000'123);
  const std::vector<Health> lines = {
      {.name = "a",
       .since = since,
       .latency = absl::Microseconds(1500),
       .version = "1.2.3"},
      {.name = "a/events", .since = since, .numbers = {{"latest", 9}}},
      {.name = "b/access",
       .status = Away(),
       .since = since,
       .numbers = {{"a", 7}}}};
  const Response response = HealthJson({}, lines);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(
      response.body,
      "{\"status\":\"degraded\",\"checks\":["
      "{\"name\":\"a\",\"status\":\"ok\",\"since\":\"2023-11-14T22:13:20.123Z\""
      ",\"latency_ms\":1.5,\"version\":\"1.2.3\"},"
      "{\"name\":\"a/events\",\"status\":\"ok\",\"since\":"
      "\"2023-11-14T22:13:20.123Z\",\"latency_ms\":0,\"numbers\":"
      "{\"latest\":9}},"
      "{\"name\":\"b/access\",\"status\":\"failed\",\"since\":"
      "\"2023-11-14T22:13:20.123Z\",\"latency_ms\":0,\"message\":"
      "\"It is \\\"away\\\".\",\"numbers\":{\"a\":7},\"lag\":2}]}\n");
  EXPECT_THAT(HealthJson({.excluded = {"b/access"}}, lines).body,
              HasSubstr("{\"status\":\"ok\",\"checks\":"));
}

// An upstream whose database is away.
class Ailing : public Upstream {
 public:
  std::unique_ptr<Endpoint> Bind(
      const google::protobuf::MethodDescriptor&) override {
    return nullptr;
  }
  void Check(absl::AnyInvocable<void(std::vector<Health>)> done) override {
    done({{"a", absl::OkStatus()}, {"a/database", Away()}});
  }
};

class ProbesTest : public ::testing::Test {
 protected:
  Response Get(const Pages& pages, absl::string_view path,
               absl::string_view query = "") {
    RequestHead head;
    head.method = "GET";
    head.path = path;
    head.query = query;
    Response got;
    pages.Open(head, [&](Response response) { got = std::move(response); });
    return got;
  }

  Ailing upstream_;
  telemetry::Registry registry_;
  Probes probes_{
      std::make_shared<HealthChecks>(std::vector<Upstream*>{&upstream_})};
  Pages pages_{registry_};
};

TEST_F(ProbesTest, TellOperatorsTheDetails) {
  probes_.AddTo(&pages_, /*details=*/true);
  EXPECT_EQ(Get(pages_, "/livez", "verbose").body,
            "[+]ping ok\nlivez check passed\n");
  EXPECT_EQ(Get(pages_, "/healthz").body, "degraded");
  EXPECT_THAT(Get(pages_, "/healthz", "verbose").body,
              HasSubstr("[-]a/database failed: reason withheld"));
  EXPECT_THAT(Get(pages_, "/healthz", "format=json").body,
              HasSubstr("\"a/database\",\"status\":\"failed\""));
  EXPECT_EQ(Get(pages_, "/readyz").body, "ok");
  probes_.Stop();
  EXPECT_EQ(Get(pages_, "/readyz").status, 503);
  EXPECT_EQ(Get(pages_, "/livez").status, 200);
}

TEST_F(ProbesTest, TellOthersOnlyTheVerdict) {
  probes_.AddTo(&pages_, /*details=*/false);
  for (absl::string_view query : {"", "verbose", "format=json"}) {
    EXPECT_EQ(Get(pages_, "/livez", query).body, "ok");
    EXPECT_EQ(Get(pages_, "/readyz", query).body, "ok");
    EXPECT_EQ(Get(pages_, "/healthz", query).body, "degraded");
  }
  probes_.Stop();
  EXPECT_EQ(Get(pages_, "/readyz").status, 503);
}

}  // namespace
}  // namespace praxis::gateway
