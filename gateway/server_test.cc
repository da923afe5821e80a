#include "gateway/server.h"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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
  EXPECT_THAT(health.body, HasSubstr("[-]library/database failed: "));
  EXPECT_THAT(health.body, HasSubstr("healthz check degraded"));
  EXPECT_EQ(Ask("GET", "/readyz").body, "ok");
  EXPECT_THAT(Ask("GET", "/healthz?verbose&exclude=library/database").body,
              HasSubstr("[+]library/database excluded: ok"));
  EXPECT_THAT(Ask("GET", "/healthz?format=json").body,
              HasSubstr("\"message\":\"The database is away.\""));
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

TEST_P(GatewayServerTest, ShowsItsReferenceUnlessToldNotTo) {
  const int without = Start({.docs = false});
  EXPECT_EQ(testing::Fetch(without, "GET", "/docs/").status, 404);
  EXPECT_EQ(testing::Fetch(without, "GET", "/openapi.json").status, 200);
  const int with = Start();
  EXPECT_EQ(testing::Fetch(with, "GET", "/docs")["location"], "/docs/");
  EXPECT_THAT(testing::Fetch(with, "GET", "/docs/").body,
              HasSubstr("<title>Praxis API</title>"));
}

// Callers can make up paths, methods and names of objects, but no series.
TEST_P(GatewayServerTest, CountsWhatCallersMakeUpUnderOneName) {
  const auto series = [&] {
    std::set<std::string> names;
    for (absl::string_view line :
         absl::StrSplit(Ask("GET", "/metrics").body, '\n')) {
      names.emplace(line.substr(0, line.rfind(' ')));
    }
    return names;
  };
  const auto make_up = [&](const std::string& word) {
    Ask("GET", absl::StrCat("/v1/shelves/a/books/", word));
    Ask("GET", absl::StrCat("/v1/", word, "/", word, "?", word, "=1"));
    Ask(absl::StrCat("X", word), kEmma);
    Ask("GET", absl::StrCat("/", word));
  };
  make_up("one");
  const std::set<std::string> before = series();
  for (const char* word : {"two", "three", "four"}) make_up(word);
  EXPECT_EQ(series(), before);
}

TEST_P(GatewayServerTest, CountsTheCallsToItsUpstream) {
  Ask("GET", kEmma);
  Ask("GET", "/v1/shelves/a/books/none");
  const std::string metrics = Ask("GET", "/metrics").body;
  for (const char* code : {"OK", "NOT_FOUND"}) {
    EXPECT_THAT(metrics,
                HasSubstr(absl::StrCat(
                    "praxis_gateway_upstream_calls_total{upstream=\"praxis."
                    "testing.library.v1\",code=\"",
                    code, "\"} 1")));
  }
}

TEST_P(GatewayServerTest, HasAPortForOperators) {
  Start({.admin_port = 0,
         .config = "{\"port\": 8080}",
         .channelz = [](absl::string_view) { return std::string("{}"); }});
  const int admin = server_->admin_port();
  ASSERT_NE(admin, server_->port());
  const auto get = [&](absl::string_view path) {
    return testing::Fetch(admin, "GET", path);
  };
  EXPECT_EQ(get("/").status, 200);
  EXPECT_EQ(get("/").body,
            "/channelz\n/config\n/healthz\n/livez\n/metrics\n/readyz\n"
            "/status\n/version\n");
  EXPECT_EQ(get("/config").body, "{\"port\": 8080}");
  EXPECT_EQ(get("/channelz").body, "{}");
  EXPECT_THAT(get("/healthz?verbose").body, HasSubstr("[+]library/database"));
  EXPECT_THAT(get("/metrics").body, HasSubstr("praxis_gateway_requests_total"));
  EXPECT_EQ(get("/readyz").body, "ok");
  EXPECT_EQ(get("/status").status, 200);
  EXPECT_EQ(get(kEmma).status, 404);
  EXPECT_EQ(testing::Fetch(admin, "POST", "/metrics").status, 405);
  EXPECT_EQ(testing::Fetch(admin, "POST", "/metrics")["allow"], "GET, HEAD");

  // What tells how the house is built has left the other port.
  for (const char* path : {"/metrics", "/status", "/config", "/channelz"}) {
    EXPECT_EQ(Ask("GET", path).status, 404) << path;
  }
  EXPECT_EQ(Ask("GET", "/healthz?verbose").body, "ok");
  EXPECT_EQ(Ask("GET", "/healthz?format=json").body, "ok");
  EXPECT_EQ(Ask("GET", "/readyz?verbose").body, "ok");
  EXPECT_EQ(Ask("GET", kEmma).status, 200);
}

TEST_P(GatewayServerTest, KeepsSettingsToItselfWithoutSuchAPort) {
  Start({.config = "{}",
         .channelz = [](absl::string_view) { return std::string("{}"); }});
  EXPECT_EQ(server_->admin_port(), 0);
  EXPECT_EQ(Ask("GET", "/config").status, 404);
  EXPECT_EQ(Ask("GET", "/channelz").status, 404);
  EXPECT_EQ(Ask("GET", "/status").status, 200);
}

TEST_P(GatewayServerTest, WantsBothHalvesOfACertificate) {
  GatewayServer::Options cert;
  cert.tls_certificate_file = "/tls.crt";
  GatewayServer::Options key;
  key.tls_key_file = "/tls.key";
  for (GatewayServer::Options* options : {&cert, &key}) {
    const auto started = GatewayServer::Start(std::move(*options),
                                              host_.host().registry, nullptr);
    EXPECT_EQ(started.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(started.status().message(), HasSubstr("give both"));
  }
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
  EXPECT_EQ(paths.size(), 9);
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
                                   [] { return ops::v1::ServiceStatus(); }),
       {testing::library::v1::Book::descriptor()->file()->service(0)}});
  const auto started =
      GatewayServer::Start(std::move(options), registry, nullptr);
  EXPECT_EQ(started.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(started.status().message()),
              HasSubstr("GetBook: no backend serves it"));
}

TEST(GatewayServerStartTest, NamesOriginsThatNoPageHas) {
  telemetry::Registry registry;
  const auto started = GatewayServer::Start(
      {.cors_origins = {"https://a.example", "https://b.example/"}}, registry,
      nullptr);
  EXPECT_EQ(started.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(started.status().message(),
            "\"https://b.example/\" is no origin, such as "
            "https://app.example.org");
}

TEST(GatewayServerStartTest, AnswersWhileABackendIsAway) {
  telemetry::Registry registry;
  GatewayServer::Options options;
  // Reserved and never listened on: RFC 6335, 8.1.2.
  options.backends.push_back(
      {std::make_unique<Remote>("library", "127.0.0.1:1", registry),
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
              HasSubstr("[-]library failed: "));
}

TEST(ServicesOfTest, FindsTheServicesOfAPackage) {
  EXPECT_THAT(ServicesOf("praxis.resources.v1"), ::testing::SizeIs(1));
  EXPECT_THAT(ServicesOf("praxis.members.v1"), Not(IsEmpty()));
  EXPECT_THAT(ServicesOf("praxis.nothing.v1"), IsEmpty());
}

}  // namespace
}  // namespace praxis::gateway
