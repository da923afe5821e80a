// What a collector of traces gets of one request.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/http_client.h"
#include "tests/system/json.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"

namespace praxis::system {
namespace {

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kClientSpan[] = "b7ad6b7169203331";

// Takes spans by OTLP over HTTP from many processes at once.
class Collector {
 public:
  Collector() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, any, &size), 0);
    url_ = absl::StrCat("http://127.0.0.1:", ntohs(address.sin_port));
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~Collector() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : connections_) thread.join();
    close(listener_);
  }

  const std::string& url() const { return url_; }
  std::vector<std::string> bodies() {
    absl::MutexLock lock(&mutex_);
    return bodies_;
  }

 private:
  void Accept() {
    for (int fd; (fd = accept(listener_, nullptr, nullptr)) >= 0;) {
      connections_.emplace_back([this, fd] { Serve(fd); });
    }
  }

  // Until the other end closes.
  void Serve(int fd) {
    std::string unread;
    char buffer[16 << 10];
    for (ssize_t got; (got = recv(fd, buffer, sizeof(buffer), 0)) > 0;) {
      unread.append(buffer, static_cast<size_t>(got));
      const size_t head = unread.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const std::string lower = absl::AsciiStrToLower(unread.substr(0, head));
      size_t length = 0;
      const size_t at = lower.find("content-length: ") + 16;
      EXPECT_TRUE(absl::SimpleAtoi(lower.substr(at, lower.find('\r', at) - at),
                                   &length));
      if (unread.size() < head + 4 + length) continue;
      {
        absl::MutexLock lock(&mutex_);
        bodies_.push_back(unread.substr(head + 4, length));
      }
      unread.erase(0, head + 4 + length);
      constexpr absl::string_view kAnswer =
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
      send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    }
    close(fd);
  }

  const int listener_;
  std::string url_;
  absl::Mutex mutex_;
  std::vector<std::string> bodies_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

// A span, and the service.name it came with.
struct Recorded {
  std::string service;
  std::string span_id;
  std::string parent_id;
};

// The spans of the trace so far, by their names.
std::map<std::string, Recorded> SpansIn(
    const std::vector<std::string>& bodies) {
  std::map<std::string, Recorded> spans;
  for (const std::string& body : bodies) {
    const std::optional<Json> json = ParseJson(body);
    EXPECT_TRUE(json.has_value()) << body;
    if (!json.has_value()) continue;
    const Json& sent = At(*json, "resourceSpans")->list_value().values(0);
    const std::string service =
        At(At(sent, "resource.attributes")->list_value().values(0),
           "value.stringValue")
            ->string_value();
    const Json& scope = At(sent, "scopeSpans")->list_value().values(0);
    for (const Json& span : At(scope, "spans")->list_value().values()) {
      if (TextAt(span, "traceId") != kTrace) continue;
      spans[TextAt(span, "name")] = {service, TextAt(span, "spanId"),
                                     TextAt(span, "parentSpanId")};
    }
  }
  return spans;
}

class TracesTest : public ::testing::TestWithParam<Shape> {
 protected:
  // Processes have the environment of the test.
  TracesTest() {
    setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector_.url().c_str(), 1);
    setenv("OTEL_BSP_SCHEDULE_DELAY", "10", 1);
  }
  ~TracesTest() override {
    unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
    unsetenv("OTEL_BSP_SCHEDULE_DELAY");
  }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  Collector collector_;
  Suite suite_{GetParam(), {.log_requests = true}};
};

INSTANTIATE_TEST_SUITE_P(Shapes, TracesTest, BothShapes(), NameOfShape);

TEST_P(TracesTest, TellTheWayOfARequest) {
  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  const HttpResponse response =
      HttpClient(suite_.http_port())
          .Send({.target = "/v1/communities/-/threads",
                 .fields = {absl::StrCat("traceparent: 00-", kTrace, "-",
                                         kClientSpan, "-01")}});
  EXPECT_EQ(response.status, 200);
  std::map<std::string, Recorded> spans;
  ASSERT_TRUE(Eventually([&] {
    spans = SpansIn(collector_.bodies());
    return spans.size() >= 2;
  }));
  const Recorded http = spans["GET /v1/{parent=communities/*}/threads"];
  const Recorded rpc = spans["praxis.discussions.v1.ThreadService/ListThreads"];
  EXPECT_EQ(http.parent_id, kClientSpan);
  EXPECT_EQ(rpc.parent_id, http.span_id);
  EXPECT_NE(rpc.span_id, "");
  const bool is_one = GetParam() == Shape::kOneProcess;
  EXPECT_EQ(http.service, is_one ? "praxis" : "praxis-gateway");
  EXPECT_EQ(rpc.service, is_one ? "praxis" : "praxis-discussions");
}

TEST_P(TracesTest, AreInTheGatewaysLogWithTheClient) {
  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  HttpClient(suite_.http_port())
      .Send({.target = "/v1/communities/-/threads",
             .fields = {absl::StrCat("traceparent: 00-", kTrace, "-",
                                     kClientSpan, "-01")}});
  const auto said = [&] {
    for (const absl::string_view line :
         absl::StrSplit(suite_.process("gateway").Log(), '\n')) {
      const std::optional<Json> json = ParseJson(std::string(line));
      if (json.has_value() && TextAt(*json, "trace_id") == kTrace &&
          TextAt(*json, "client") == "127.0.0.1") {
        return TextAt(*json, "method") ==
                   "GET /v1/{parent=communities/*}/threads" &&
               At(*json, "status")->number_value() == 200;
      }
    }
    return false;
  };
  EXPECT_TRUE(Eventually(said));
}

}  // namespace
}  // namespace praxis::system
