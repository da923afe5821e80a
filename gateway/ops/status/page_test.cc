#include "gateway/ops/status/page.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"

namespace praxis::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

StatusView Started() {
  return {.program = "praxis",
          .version = "1.2.3",
          .start = kNow - absl::Seconds(3),
          .now = kNow};
}

Period HalfMinute(uint64_t requests, uint64_t errors) {
  Period period{.begin = kNow - absl::Seconds(30), .end = kNow};
  period.traffic = {.requests = requests, .errors = errors};
  period.traffic.by_latency.resize(17);
  period.traffic.by_latency[4] = requests;
  return period;
}

std::string Row(const std::string& html, absl::string_view name) {
  const size_t begin = html.find(absl::StrCat("\"row\">", name));
  return begin == html.npos
             ? ""
             : html.substr(begin, html.find("</tr>", begin) - begin);
}

TEST(StatusHtmlTest, SaysThatThereIsNothingYetRightAfterTheStart) {
  const std::string html = StatusHtml(Started());
  EXPECT_THAT(
      html, AllOf(HasSubstr("Nothing is served"), HasSubstr("has just started"),
                  HasSubstr("praxis 1.2.3"), HasSubstr("up 3\u00a0s"),
                  HasSubstr("<b id=\"rate-now\">0</b>"),
                  HasSubstr("<b id=\"p99-now\">\u2013</b>")));
  EXPECT_THAT(html, Not(HasSubstr("<table")));
}

TEST(StatusHtmlTest, ShowsTheTraffic) {
  StatusView view = Started();
  view.hour = {HalfMinute(10, 0), HalfMinute(300, 3)};
  view.minute = view.hour[1];
  view.connections = 1234;
  const std::string html = StatusHtml(view);
  EXPECT_THAT(html, AllOf(HasSubstr("<b id=\"rate-now\">10</b> per second"),
                          HasSubstr("<b id=\"errors-now\">1\u00a0%</b>"),
                          HasSubstr("<span id=\"errors-hour\">3</span>"),
                          HasSubstr("<span id=\"requests-hour\">310</span>"),
                          HasSubstr("<b id=\"p50-now\">1.8\u00a0ms</b>"),
                          HasSubstr("<b id=\"p99-now\">2.5\u00a0ms</b>"),
                          HasSubstr(">1\u202f234</span>")));
  EXPECT_THAT(html, Not(HasSubstr("has just started")));
}

TEST(StatusHtmlTest, ShowsHowThePartsDo) {
  StatusView view = Started();
  view.hour = {HalfMinute(1, 0), HalfMinute(1, 0)};
  view.hour[1].failed = {"loans/access"};
  view.checks = {
      {.name = "books",
       .since = kNow - absl::Hours(2),
       .latency = absl::Microseconds(800),
       .version = "4.5.6"},
      {.name = "books/events",
       .since = kNow - absl::Hours(2),
       .numbers = {{"latest", 1234}, {"published", 1230}}},
      {.name = "loans/access",
       .status = Error(Reason::ACCESS_UNKNOWN, "It holds no <lease>."),
       .since = kNow - absl::Minutes(5),
       .numbers = {{"books", 1234}}}};
  const std::string html = StatusHtml(view);
  EXPECT_THAT(html, HasSubstr("<title>One part fails"));
  EXPECT_THAT(Row(html, "books <small>4.5.6"),
              AllOf(HasSubstr("ok"), HasSubstr("2\u00a0h"),
                    HasSubstr("800\u00a0\u00b5s"),
                    HasSubstr("did not fail in the last hour")));
  EXPECT_THAT(Row(html, "events"), HasSubstr("1\u202f234, 4 behind"));
  EXPECT_THAT(
      Row(html, "access"),
      AllOf(HasSubstr("no lease"), HasSubstr("It holds no &lt;lease&gt;."),
            HasSubstr("5\u00a0min"), HasSubstr("0 behind"),
            HasSubstr("failed in 1 of 2 half minutes")));
  view.checks.pop_back();
  EXPECT_THAT(StatusHtml(view), HasSubstr("All is well"));
}

TEST(StatusHtmlTest, EscapesWhatItIsTold) {
  StatusView view = Started();
  view.program = "<b>";
  view.version = "<i>";
  view.checks = {{.name = "<u>/<s>", .since = kNow, .version = "<q>"}};
  const std::string html = StatusHtml(view);
  for (const char* tag : {"<b>", "<i>", "<u>", "<s>", "<q>"}) {
    EXPECT_THAT(html, Not(HasSubstr(tag)));
  }
}

class StatusPageTest : public ::testing::Test {
 protected:
  StatusPageTest() {
    AddStatusPage({.program = "praxis", .version = "1"}, checks_, history_,
                  registry_, &pages_);
  }
  Response Get(absl::string_view query) {
    RequestHead head;
    head.method = "GET";
    head.path = "/status";
    head.query = query;
    Response got;
    pages_.Open(head, [&](Response response) { got = std::move(response); });
    return got;
  }

  telemetry::Registry registry_;
  const std::shared_ptr<HealthChecks> checks_ =
      std::make_shared<HealthChecks>(std::vector<Upstream*>());
  const std::shared_ptr<const History> history_ = std::make_shared<History>();
  Pages pages_{registry_};
};

TEST_F(StatusPageTest, MayLoadNothingButItsOwnStyle) {
  const Response response = Get("");
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(response.fields,
              AllOf(HasSubstr("Content-Security-Policy: default-src 'none'; "
                              "style-src 'sha256-"),
                    HasSubstr("frame-ancestors 'none'"),
                    HasSubstr("Cache-Control: no-store")));
  EXPECT_THAT(response.body, Not(HasSubstr("<script")));
  EXPECT_THAT(response.body, Not(HasSubstr("style=")));
  EXPECT_THAT(response.body, Not(HasSubstr("http://")));
}

TEST_F(StatusPageTest, ComesAgainUnlessItIsHeld) {
  EXPECT_THAT(Get("").body, HasSubstr("http-equiv=\"refresh\" content=\"10\""));
  EXPECT_THAT(Get("refresh=off").body, Not(HasSubstr("http-equiv")));
}

}  // namespace
}  // namespace praxis::gateway
