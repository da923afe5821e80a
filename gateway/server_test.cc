#include "gateway/server.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/testing/gateway_fixture.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {
namespace {

using testing::Eventually;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RawAnswer;
using testing::RawClient;

constexpr char kEmma[] = "/v1/shelves/a/books/emma";

class GatewayServerTest : public GatewayTest {};
INSTANTIATE_TEST_SUITE_P(Adapters, GatewayServerTest, EveryAdapter(),
                         AdapterName);

TEST_P(GatewayServerTest, TellsThatItLives) {
  EXPECT_EQ(Ask("GET", "/livez").body, "ok");
  EXPECT_EQ(Ask("GET", "/readyz").body, "ok");
  EXPECT_EQ(Ask("GET", "/healthz").body, "ok");
  EXPECT_EQ(Ask("GET", "/livez?verbose").body,
            "[+]ping ok\nlivez check passed\n");
  EXPECT_EQ(Ask("GET", "/healthz?verbose").body,
            "[+]ping ok\n[+]library ok\n[+]library/database ok\n"
            "healthz check passed\n");
  EXPECT_EQ(Ask("POST", "/livez")["allow"], "GET, HEAD, OPTIONS");
}

TEST_P(GatewayServerTest, IsDegradedAndNotDeadWithoutItsDatabase) {
  port();
  healthy_ = false;
  EXPECT_TRUE(
      Eventually([&] { return Ask("GET", "/healthz").body == "degraded"; }));
  const RawAnswer health = Ask("GET", "/healthz?verbose");
  EXPECT_EQ(health.status, 200);
  EXPECT_THAT(health.body, HasSubstr("[-]library/database degraded: "));
  EXPECT_THAT(health.body, HasSubstr("healthz check degraded"));
  EXPECT_EQ(Ask("GET", "/readyz").body, "ok");
  EXPECT_THAT(Ask("GET", "/readyz?verbose&exclude=library/database").body,
              HasSubstr("[+]library/database excluded: ok"));
}

TEST_P(GatewayServerTest, CountsRequestsByRoute) {
  Ask("GET", kEmma);
  Ask("GET", kEmma);
  Ask("GET", "/v1/shelves/a/books/none");
  Ask("GET", "/v2/whatever/someone/makes/up");
  RawClient(port()).Ask("nonsense\r\n\r\n");
  const RawAnswer metrics = Ask("GET", "/metrics");
  EXPECT_EQ(metrics["content-type"],
            "text/plain; version=0.0.4; charset=utf-8");
  const std::string labels =
      "{route=\"/v1/{name=shelves/*/books/*}\",method=\"GET\","
      "upstream=\"praxis.testing.library.v1\"";
  EXPECT_THAT(metrics.body,
              HasSubstr(absl::StrCat("praxis_gateway_requests_total", labels,
                                     ",code=\"2xx\"} 2")));
  EXPECT_THAT(metrics.body,
              HasSubstr(absl::StrCat("praxis_gateway_requests_total", labels,
                                     ",code=\"4xx\"} 1")));
  EXPECT_THAT(metrics.body,
              HasSubstr(absl::StrCat("praxis_gateway_request_seconds_count",
                                     labels, "} 3")));
  EXPECT_THAT(metrics.body,
              HasSubstr("{route=\"\",method=\"\",upstream=\"gateway\","
                        "code=\"4xx\"} 2"));
  EXPECT_THAT(metrics.body, Not(HasSubstr("whatever")));
  EXPECT_THAT(metrics.body, HasSubstr("praxis_gateway_connections 1"));
}

TEST_P(GatewayServerTest, TellsItsVersion) {
  Start({.program = "praxis-test", .version = "1.2.3"});
  EXPECT_EQ(Ask("GET", "/version").body,
            R"({"name":"praxis-test","version":"1.2.3"})");
}

TEST_P(GatewayServerTest, DescribesEveryRoute) {
  Start({.version = "1.2.3"});
  const RawAnswer answer = Ask("GET", "/openapi.json");
  EXPECT_EQ(answer["content-type"], "application/json");
  auto document = ParseJson(answer.body);
  auto& paths = *(*document.mutable_fields())["paths"]
                     .mutable_struct_value()
                     ->mutable_fields();
  EXPECT_EQ(paths.size(), 8);
  EXPECT_EQ(
      paths["/v1/shelves/{shelve}/books/{book}"].struct_value().fields_size(),
      3);
}

TEST_P(GatewayServerTest, FailsNoRequestWhenItDrains) {
  const int at = port();
  std::atomic<bool> over{false};
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      // As a client behind a load balancer: it stays while it is let, and goes
      // when it is told to.
      RawClient client(at);
      while (!over) {
        const RawAnswer answer = client.Ask(
            absl::StrCat("GET ", kEmma, " HTTP/1.1\r\nHost: h\r\n\r\n"));
        answer.status == 200 && answer.complete ? ++answered : ++failed;
        if (answer["connection"] == "close") return;
      }
    });
  }
  ASSERT_TRUE(Eventually([&] { return answered > 100; }));
  RawClient slow(at);
  slow.Send(absl::StrCat("POST ", kEmma, ":lend HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(Eventually([&] { return library().lending == 1; }));
  std::thread opener([&] {
    EXPECT_TRUE(
        Eventually([&] { return Ask("GET", "/readyz").status == 503; }));
    library().gate.Open();
  });
  server_->Drain(absl::Milliseconds(200));
  over = true;
  for (std::thread& client : clients) client.join();
  opener.join();
  EXPECT_EQ(failed, 0);
  const RawAnswer last = slow.Receive();
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last["connection"], "close");
  EXPECT_EQ(Ask("GET", kEmma).status, 0);
}

TEST(GatewayServerStartTest, NamesRoutesThatNobodyServes) {
  telemetry::Registry registry;
  GatewayServer::Options options;
  options.backends.push_back(
      {std::make_unique<InProcess>("none", std::vector<rpc::Pipeline*>(),
                                   absl::OkStatus),
       {testing::library::v1::Book::descriptor()->file()->service(0)}});
  const auto started =
      GatewayServer::Start(std::move(options), registry, nullptr);
  EXPECT_EQ(started.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(started.status().message()),
              HasSubstr("GetBook: no backend serves it"));
}

TEST(GatewayServerStartTest, AnswersWhileABackendIsAway) {
  telemetry::Registry registry;
  GatewayServer::Options options;
  // Reserved and never listened on: RFC 6335, 8.1.2.
  options.backends.push_back(
      {std::make_unique<Remote>("library", "127.0.0.1:1"),
       {testing::library::v1::Book::descriptor()->file()->service(0)}});
  auto started = GatewayServer::Start(std::move(options), registry, nullptr);
  ASSERT_THAT(started, testing::Succeeds());
  const int port = (*started)->port();
  const RawAnswer answer = testing::Fetch(port, "GET", kEmma);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(ErrorOf(answer).reason, "BACKEND_UNAVAILABLE");
  EXPECT_EQ(answer["retry-after"], "1");
  EXPECT_EQ(testing::Fetch(port, "GET", "/readyz").body, "ok");
  EXPECT_THAT(testing::Fetch(port, "GET", "/healthz?verbose").body,
              HasSubstr("[-]library degraded: "));
}

TEST(ServicesOfTest, FindsTheServicesOfAPackage) {
  EXPECT_THAT(ServicesOf("praxis.resources.v1"), ::testing::SizeIs(1));
  EXPECT_THAT(ServicesOf("praxis.members.v1"), Not(IsEmpty()));
  EXPECT_THAT(ServicesOf("praxis.nothing.v1"), IsEmpty());
}

}  // namespace
}  // namespace praxis::gateway
