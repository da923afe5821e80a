#include "gateway/ops/pages.h"

#include <memory>
#include <string>
#include <utility>

#include "gateway/testing/fake_exchange.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PagesTest : public ::testing::Test {
 protected:
  Response Get(absl::string_view path, absl::string_view query = "") {
    RequestHead head;
    head.method = "GET";
    head.path = path;
    head.query = query;
    head.values[static_cast<size_t>(Header::kAcceptEncoding)] =
        accept_encoding_;
    Response got;
    got.status = 0;
    pages_.Open(head, [&](Response response) { got = std::move(response); });
    return got;
  }

  std::string accept_encoding_;
  telemetry::Registry registry_;
  Pages pages_{registry_};
};

TEST_F(PagesTest, AreFoundByTheirPaths) {
  pages_.AddText("/b", "text/plain", "B");
  pages_.AddText("/a", "text/plain", "A");
  EXPECT_TRUE(pages_.Has("/a"));
  EXPECT_FALSE(pages_.Has("/a/"));
  EXPECT_FALSE(pages_.Has("/"));
  EXPECT_THAT(pages_.Paths(), ElementsAre("/a", "/b"));
  EXPECT_EQ(Get("/b").content(), "B");
  EXPECT_EQ(Get("/b").content_type, "text/plain");
  EXPECT_EQ(Get("/b").fields,
            "Cache-Control: no-store\r\nVary: Accept-Encoding\r\n");
}

TEST_F(PagesTest, CodeATextOnceForEachCoding) {
  pages_.AddText("/long", "text/plain", std::string(5000, 'a'));
  EXPECT_EQ(Get("/long").content(), std::string(5000, 'a'));
  for (const std::string coding : {"gzip", "zstd"}) {
    accept_encoding_ = coding;
    const Response coded = Get("/long");
    EXPECT_LT(coded.content().size(), 500u);
    EXPECT_THAT(coded.fields, HasSubstr("Content-Encoding: " + coding));
    EXPECT_THAT(coded.fields, HasSubstr("Vary: Accept-Encoding"));
    EXPECT_EQ(Get("/long").shared_body, coded.shared_body);
  }
  accept_encoding_ = "";
  EXPECT_EQ(Get("/long").content(), std::string(5000, 'a'));
}

TEST_F(PagesTest, TellWhichProgramThisIs) {
  AddVersion("p\"q", "1.2.3", &pages_);
  EXPECT_EQ(Get("/version").content(), R"({"name":"p\"q","version":"1.2.3"})");
}

TEST_F(PagesTest, ShowTheRegistry) {
  AddMetrics(registry_, &pages_);
  registry_.FindCounter("books_total", "Books.").Add(3);
  EXPECT_THAT(Get("/metrics").body, HasSubstr("books_total 3"));
  EXPECT_EQ(Get("/metrics").content_type,
            "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(PagesTest, AskChannelzWhatIsAsked) {
  AddChannelz(
      [](absl::string_view query) {
        return query == "channel=7" ? "" : "<" + std::string(query) + ">";
      },
      &pages_);
  EXPECT_EQ(Get("/channelz").body, "<>");
  EXPECT_EQ(Get("/channelz", "server=1").body, "<server=1>");
  EXPECT_EQ(Get("/channelz", "channel=7").status, 404);
}

TEST_F(PagesTest, AreCounted) {
  AddMetrics(registry_, &pages_);
  pages_.AddText("/a", "text/plain", "A");
  for (const int status : {200, 999}) {
    auto exchange = std::make_shared<FakeExchange>();
    exchange->request.method = "GET";
    exchange->request.path = "/a";
    pages_.Serve(exchange, [&](const RequestHead& head, Response* response) {
      EXPECT_EQ(head.path, "/a");
      response->status = status;
    });
    EXPECT_EQ(exchange->answer.status, status);
    EXPECT_EQ(exchange->answer.content(), "A");
  }
  const std::string text = Get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("praxis_gateway_requests_total{route=\"/a\","
                              "method=\"GET\",upstream=\"gateway\","
                              "code=\"2xx\"} 2"));
  EXPECT_THAT(text, HasSubstr("praxis_gateway_request_seconds_count{route="
                              "\"/a\",method=\"GET\",upstream=\"gateway\"} 2"));
}

}  // namespace
}  // namespace praxis::gateway
