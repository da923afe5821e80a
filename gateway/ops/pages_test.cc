#include "gateway/ops/pages.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;

class PagesTest : public ::testing::Test {
 protected:
  Response Get(absl::string_view path, absl::string_view query = "") {
    RequestHead head;
    head.method = "GET";
    head.path = path;
    head.query = query;
    Response got;
    got.status = 0;
    pages_.Serve(head, [&](Response response) { got = std::move(response); });
    return got;
  }

  telemetry::Registry registry_;
  Pages pages_{{.program = "p\"q", .version = "1.2.3", .openapi = "{\"o\":1}"},
               registry_,
               std::make_shared<HealthChecks>(std::vector<Upstream*>())};
};

TEST_F(PagesTest, AreTheOnesThatOperatorsAskFor) {
  for (absl::string_view path : {"/livez", "/readyz", "/healthz", "/metrics",
                                 "/version", "/openapi.json"}) {
    EXPECT_TRUE(pages_.Has(path)) << path;
    EXPECT_EQ(Get(path).status, 200) << path;
    EXPECT_THAT(Get(path).fields, HasSubstr("no-store")) << path;
  }
  EXPECT_FALSE(pages_.Has("/"));
  EXPECT_FALSE(pages_.Has("/livez/"));
}

TEST_F(PagesTest, TellWhichProgramThisIs) {
  EXPECT_EQ(Get("/version").body, R"({"name":"p\"q","version":"1.2.3"})");
  EXPECT_EQ(Get("/openapi.json").body, "{\"o\":1}");
}

TEST_F(PagesTest, ShowTheRegistry) {
  registry_.FindCounter("books_total", "Books.").Add(3);
  EXPECT_THAT(Get("/metrics").body, HasSubstr("books_total 3"));
}

TEST_F(PagesTest, AreNotReadyOnceTheProcessStops) {
  pages_.Stop();
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/readyz", "verbose").status, 503);
  EXPECT_EQ(Get("/livez").status, 200);
}

TEST_F(PagesTest, AreCounted) {
  pages_.Count("/livez", 200);
  pages_.Count("/livez", 999);
  const std::string text = Get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("praxis_gateway_requests_total{route=\"/livez\","
                              "method=\"GET\",upstream=\"gateway\","
                              "code=\"2xx\"} 1"));
  EXPECT_THAT(text, HasSubstr("upstream=\"gateway\",code=\"5xx\"} 1"));
  EXPECT_THAT(text, HasSubstr("praxis_gateway_request_seconds_count{route="
                              "\"/livez\",method=\"GET\",upstream=\"gateway\"} "
                              "2"));
}

}  // namespace
}  // namespace praxis::gateway
