#include "gateway/http/server.h"

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gateway/testing/raw_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using testing::Eventually;
using testing::Fetch;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RawAnswer;
using testing::RawClient;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Served = std::function<void(std::shared_ptr<Exchange>)>;

Response Text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// Answers by what a test says of each path.
class App : public Handler {
 public:
  void On(const std::string& path, Served served) {
    served_[path] = std::move(served);
  }
  void Handle(std::shared_ptr<Exchange> exchange) override {
    const auto served = served_.find(std::string(exchange->head().path));
    if (served == served_.end()) {
      exchange->Respond(Refuse(Error(Reason::ROUTE_NOT_FOUND, "No."), 0));
    } else {
      served->second(std::move(exchange));
    }
  }
  Response Refuse(const absl::Status& status, int http_status) override {
    Response response = Text(std::string(status.message()));
    response.status = http_status != 0 ? http_status : HttpStatusOf(status);
    return response;
  }

 private:
  std::map<std::string, Served> served_;
};

// What a watcher was told.
struct Watched : Watcher {
  void OnGone() override { gone = true; }
  void OnDeadline() override { late = true; }
  std::atomic<bool> gone{false};
  std::atomic<bool> late{false};
};

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    app_.On("/echo", [](std::shared_ptr<Exchange> exchange) {
      exchange->ReadBody(1000, [exchange](absl::string_view body) {
        exchange->Respond(Text(absl::StrCat(exchange->head().method, " ",
                                            exchange->head().query, body)));
      });
    });
    // Takes the body in pieces and answers how long it was.
    app_.On("/count", [this](std::shared_ptr<Exchange> exchange) {
      exchange->Watch(watched_, absl::InfiniteDuration());
      Count(std::move(exchange), 0);
    });
    // Answers when the test lets it.
    app_.On("/wait", [this](std::shared_ptr<Exchange> exchange) {
      exchange->Watch(watched_, absl::InfiniteDuration());
      absl::MutexLock lock(&mutex_);
      waiting_.push_back(std::move(exchange));
    });
  }

  int Start(HttpServer::Options options = {}) {
    auto server = HttpServer::Start(options, app_);
    EXPECT_THAT(server, testing::Succeeds());
    server_ = *std::move(server);
    return server_->port();
  }

  static void Count(std::shared_ptr<Exchange> exchange, size_t before) {
    auto piece = std::make_shared<std::string>(64 * 1024, '\0');
    Exchange& at = *exchange;
    at.ReadSome(
        piece->data(), piece->size(),
        [exchange = std::move(exchange), piece, before](size_t size) mutable {
          if (size > 0) return Count(std::move(exchange), before + size);
          exchange->Respond(Text(absl::StrCat(before)));
        });
  }

  // The n-th exchange that waits.
  std::shared_ptr<Exchange> Waiting(size_t n = 0) {
    EXPECT_TRUE(Eventually([&] {
      absl::MutexLock lock(&mutex_);
      return waiting_.size() > n;
    }));
    absl::MutexLock lock(&mutex_);
    return waiting_[n];
  }
  void Answer(size_t n, std::string text) {
    auto exchange = Waiting(n);
    exchange->Dispatch([exchange, text = std::move(text)]() mutable {
      exchange->Respond(Text(std::move(text)));
    });
  }

  App app_;
  std::shared_ptr<Watched> watched_ = std::make_shared<Watched>();
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<Exchange>> waiting_;
  std::unique_ptr<HttpServer> server_;
};

constexpr char kGet[] = "GET /echo?x HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr char kWait[] = "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(HttpServerTest, AnswersOneRequestAfterAnother) {
  RawClient client(Start());
  for (int i = 0; i < 3; ++i) {
    const RawAnswer answer = client.Ask(kGet);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "GET x");
    EXPECT_EQ(answer["content-type"], "text/plain");
    EXPECT_EQ(answer["x-content-type-options"], "nosniff");
    EXPECT_THAT(answer["date"], Not(IsEmpty()));
    EXPECT_EQ(answer["connection"], "");
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  RawClient client(Start());
  std::string requests = kWait;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&requests, "POST /echo?", i,
                    " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
  }
  client.Send(requests);
  Answer(0, "first");
  EXPECT_EQ(client.Receive().body, "first");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.Receive().body, absl::StrCat("POST ", i, "ab"));
  }
}

TEST_F(HttpServerTest, ReadsARequestThatComesByteByByte) {
  RawClient client(Start());
  for (const char c : std::string(
           "POST /echo? HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
           "\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")) {
    ASSERT_TRUE(client.Send(absl::string_view(&c, 1)));
  }
  EXPECT_EQ(client.Receive().body, "POST abc");
  EXPECT_EQ(client.Ask(kGet).body, "GET x");
}

TEST_F(HttpServerTest, SendsNoBodyToHead) {
  RawClient client(Start());
  const RawAnswer head = client.Ask("HEAD /echo?x HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head["content-length"], "6");
  EXPECT_EQ(client.Ask(kGet).body, "GET x");  // and nothing lies between
}

TEST_F(HttpServerTest, ClosesWhenTheClientAsksForIt) {
  RawClient client(Start());
  const RawAnswer answer =
      client.Ask("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer["connection"], "close");
  EXPECT_TRUE(client.AtEnd());

  RawClient old(server_->port());
  EXPECT_EQ(old.Ask("GET /echo?x HTTP/1.0\r\n\r\n").body, "GET x");
  EXPECT_TRUE(old.AtEnd());
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttpAndCloses) {
  const int port = Start();
  for (absl::string_view bytes :
       {"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", "nonsense\r\n\r\n",
        "GET / HTTP/1.1\n\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "zz\r\n"}) {
    RawClient client(port);
    const RawAnswer answer = client.Ask(absl::StrCat(bytes, kGet));
    EXPECT_EQ(answer.status, 400) << bytes;
    EXPECT_EQ(answer["connection"], "close") << bytes;
    EXPECT_THAT(answer["x-request-id"], Not(IsEmpty()));
    EXPECT_TRUE(client.AtEnd()) << bytes;
  }
}

TEST_F(HttpServerTest, RefusesHeadsBeyondTheLimits) {
  const int port = Start();
  std::string fields;
  for (int i = 0; i < 101; ++i) absl::StrAppend(&fields, "F", i, ": x\r\n");
  EXPECT_EQ(Fetch(port, "GET", "/echo", fields).status, 431);
  EXPECT_EQ(Fetch(port, "GET", "/echo",
                  absl::StrCat("A: ", std::string(16384, 'a'), "\r\n"))
                .status,
            431);
}

TEST_F(HttpServerTest, RefusesBodiesBeyondTheLimitBeforeTheyHaveCome) {
  const int port = Start();
  RawClient announced(port);
  EXPECT_EQ(announced
                .Ask("POST /echo HTTP/1.1\r\nHost: h\r\n"
                     "Content-Length: 1001\r\n\r\n")
                .status,
            413);
  EXPECT_TRUE(announced.AtEnd());

  RawClient chunked(port);
  EXPECT_EQ(chunked
                .Ask(absl::StrCat("POST /echo HTTP/1.1\r\nHost: h\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n3e9\r\n",
                                  std::string(1001, 'a')))
                .status,
            413);
  EXPECT_EQ(Fetch(port, "POST", "/echo", "", std::string(1000, 'a')).status,
            200);
}

TEST_F(HttpServerTest, AnswersAClientThatIsStillSending) {
  RawClient client(Start());
  client.Send(
      "POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
  client.Send(std::string(3'000'000, 'a'));
  const RawAnswer answer = client.Receive();
  EXPECT_EQ(answer.status, 404);
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer["connection"], "close");
}

TEST_F(HttpServerTest, KeepsTheConnectionWhenAnUnreadBodyIsHereAlready) {
  RawClient client(Start());
  EXPECT_EQ(client
                .Ask("POST /nowhere HTTP/1.1\r\nHost: h\r\n"
                     "Content-Length: 3\r\n\r\nabc")
                .status,
            404);
  EXPECT_EQ(client.Ask(kGet).status, 200);
}

TEST_F(HttpServerTest, AsksForTheBodyOfAClientThatWaitsForIt) {
  RawClient client(Start());
  const std::string head =
      "POST /echo? HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
      "Expect: 100-continue\r\n\r\n";
  EXPECT_EQ(client.Ask(head).status, 100);
  EXPECT_EQ(client.Ask("abc").body, "POST abc");
  // Not when the body is there, nor when it is not wanted.
  EXPECT_EQ(client.Ask(head + "abc").body, "POST abc");
  EXPECT_EQ(Fetch(server_->port(), "POST", "/nowhere",
                  "Content-Length: 3\r\nExpect: 100-continue\r\n")
                .status,
            404);
}

TEST_F(HttpServerTest, KeepsAValidRequestIdAndMakesOneElse) {
  const int port = Start();
  EXPECT_EQ(
      Fetch(port, "GET", "/echo", "X-Request-Id: a-b_1.2\r\n")["x-request-id"],
      "a-b_1.2");
  for (absl::string_view field :
       {"", "X-Request-Id: a b\r\n", "X-Request-Id: \xff\r\n",
        "X-Request-Id: \"<script>\"\r\n"}) {
    EXPECT_THAT(Fetch(port, "GET", "/echo", field)["x-request-id"], SizeIs(26));
  }
  EXPECT_THAT(Fetch(port, "GET", "/echo",
                    absl::StrCat("X-Request-Id: ", std::string(129, 'a'),
                                 "\r\n"))["x-request-id"],
              SizeIs(26));
}

TEST_F(HttpServerTest, GivesABodyInPieces) {
  const int port = Start();
  EXPECT_EQ(Fetch(port, "POST", "/count", "", std::string(3'000'000, 'a')).body,
            "3000000");
  RawClient client(port);
  client.Send(
      "POST /count HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 1000; ++i) {
    client.Send(absl::StrCat("3e8\r\n", std::string(1000, 'a'), "\r\n"));
  }
  EXPECT_EQ(client.Ask(absl::StrCat("0\r\n\r\n", kGet)).body, "1000000");
  EXPECT_EQ(client.Receive().body, "GET x");
}

TEST_F(HttpServerTest, TakesNothingFromTheClientBeforeItIsAskedFor) {
  RawClient client(Start());
  ASSERT_TRUE(client.Send(
      "POST /wait HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n"));
  Waiting();
  // What the kernel holds is bounded; the rest waits at the client.
  std::atomic<bool> sent{false};
  std::thread sender([&] {
    client.Send(std::string(100'000'000, 'a'));
    sent = true;
  });
  const std::string got = [&] {
    absl::Notification done;
    auto buffer = std::make_shared<std::string>(100, '\0');
    auto exchange = Waiting();
    exchange->Dispatch([&, exchange, buffer] {
      exchange->ReadSome(buffer->data(), buffer->size(), [&](size_t size) {
        buffer->resize(size);
        done.Notify();
      });
    });
    done.WaitForNotification();
    return *buffer;
  }();
  EXPECT_EQ(got, std::string(100, 'a'));
  EXPECT_FALSE(sent);
  server_->Stop(absl::ZeroDuration());
  sender.join();
}

// Sends `pieces` pieces, each after the last was taken, then ends.
void SendPieces(std::shared_ptr<Exchange> exchange, int pieces, size_t size) {
  if (pieces == 0) return exchange->End();
  Exchange& at = *exchange;
  at.Write({.piece = std::string(size + 2, 'b'), .begin = 1, .size = size},
           [exchange = std::move(exchange), pieces, size]() mutable {
             SendPieces(std::move(exchange), pieces - 1, size);
           });
}

TEST_F(HttpServerTest, SendsABodyInPieces) {
  app_.On("/known", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(Text(""), 300 * 100'000);
    SendPieces(std::move(exchange), 300, 100'000);
  });
  app_.On("/unknown", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(Text(""), std::nullopt);
    SendPieces(std::move(exchange), 3, 20);
  });
  RawClient client(Start());
  const RawAnswer known = client.Ask("GET /known HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(known.complete);
  EXPECT_EQ(known.body, std::string(30'000'000, 'b'));
  const RawAnswer unknown =
      client.Ask("GET /unknown HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(unknown["transfer-encoding"], "chunked");
  EXPECT_TRUE(unknown.complete);
  EXPECT_EQ(unknown.body, std::string(60, 'b'));
  // A client of HTTP/1.0 sees the end of the body by the connection's.
  const RawAnswer old = client.Ask("GET /unknown HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old["transfer-encoding"], "");
  EXPECT_EQ(old.body, std::string(60, 'b'));
}

TEST_F(HttpServerTest, ShowsThatABodyWasCutShort) {
  app_.On("/aborted", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(Text(""), std::nullopt);
    exchange->Write({.piece = "abc", .size = 3},
                    [exchange] { exchange->Abort(); });
  });
  app_.On("/short", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(Text(""), 10);
    SendPieces(std::move(exchange), 1, 9);
  });
  const int port = Start();
  const RawAnswer aborted = Fetch(port, "GET", "/aborted");
  EXPECT_EQ(aborted.body, "abc");
  EXPECT_FALSE(aborted.complete);
  EXPECT_FALSE(Fetch(port, "GET", "/short").complete);
}

TEST_F(HttpServerTest, TellsWhenTheClientIsGone) {
  RawClient client(Start());
  client.Send(kWait);
  Waiting();
  client.Reset();
  EXPECT_TRUE(Eventually([&] { return watched_->gone.load(); }));
  Answer(0, "too late");  // does no harm
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 0; }));
}

TEST_F(HttpServerTest, TellsWhenTheClientLeavesWithinItsBody) {
  RawClient client(Start());
  client.Send(
      "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  client.Close();
  EXPECT_TRUE(Eventually([&] { return watched_->gone.load(); }));
}

TEST_F(HttpServerTest, TellsWhenTheTimeIsOver) {
  app_.On("/late", [this](std::shared_ptr<Exchange> exchange) {
    exchange->Watch(watched_, absl::Milliseconds(10));
    waiting_.push_back(std::move(exchange));
  });
  RawClient client(Start());
  client.Send("GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return watched_->late.load(); }));
  EXPECT_FALSE(watched_->gone);
  Answer(0, "late");
  EXPECT_EQ(client.Receive().body, "late");
}

TEST_F(HttpServerTest, CutsOffClientsThatAreSlow) {
  HttpServer::Options options;
  options.limits.head_time = options.limits.idle_time = absl::Milliseconds(60);
  options.limits.stall_time = absl::Milliseconds(60);
  app_.On("/large", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(Text(""), 100'000'000);
    SendPieces(std::move(exchange), 1, 100'000'000);
  });
  const int port = Start(options);

  RawClient silent(port);
  EXPECT_TRUE(silent.AtEnd());

  RawClient idle(port);
  EXPECT_EQ(idle.Ask(kGet).status, 200);
  EXPECT_TRUE(idle.AtEnd());

  RawClient slow_head(port);
  EXPECT_EQ(slow_head.Ask("GET /echo HTTP/1.1\r\nHo").status, 408);
  EXPECT_TRUE(slow_head.AtEnd());

  for (absl::string_view path : {"/echo", "/count"}) {
    RawClient slow_body(port);
    EXPECT_EQ(slow_body
                  .Ask(absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: h\r\n",
                                    "Content-Length: 9\r\n\r\nabc"))
                  .status,
              408);
    EXPECT_TRUE(slow_body.AtEnd());
  }
  EXPECT_TRUE(watched_->gone);  // by /count

  RawClient slow_reader(port);
  slow_reader.Send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return slow_reader.HasInput(); }));
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 0; }));
  EXPECT_FALSE(slow_reader.Receive().complete);
}

TEST_F(HttpServerTest, HoldsTheLimitsOfConnections) {
  HttpServer::Options options;
  options.limits.connections_max = 2;
  const int port = Start(options);
  RawClient first(port);
  RawClient second(port);
  EXPECT_EQ(first.Ask(kGet).status, 200);
  EXPECT_EQ(second.Ask(kGet).status, 200);
  RawClient third(port);
  const RawAnswer refused = third.Receive();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused["retry-after"], "1");
  first.Close();
  EXPECT_TRUE(
      Eventually([&] { return Fetch(port, "GET", "/echo").status == 200; }));

  options.limits.connections_max = 100;
  options.limits.connections_per_address_max = 1;
  RawClient only(Start(options));
  EXPECT_EQ(only.Ask(kGet).status, 200);
  EXPECT_EQ(RawClient(server_->port()).Receive().status, 503);
}

TEST_F(HttpServerTest, ServesWhileItDrainsAndSendsItsClientsAway) {
  const int port = Start();
  RawClient client(port);
  EXPECT_EQ(client.Ask(kGet)["connection"], "");
  server_->Drain();
  const RawAnswer last = client.Ask(kGet);
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last["connection"], "close");
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(Fetch(port, "GET", "/echo").status, 200);
}

TEST_F(HttpServerTest, StopsAfterTheLastAnswer) {
  const int port = Start();
  RawClient idle(port);
  EXPECT_EQ(idle.Ask(kGet).status, 200);
  RawClient client(port);
  client.Send(kWait);
  Waiting();
  std::thread stopper([&] { server_->Stop(absl::Seconds(20)); });
  EXPECT_TRUE(idle.AtEnd());
  Answer(0, "last");
  const RawAnswer last = client.Receive();
  EXPECT_EQ(last.body, "last");
  EXPECT_EQ(last["connection"], "close");
  client.Close();
  stopper.join();
  EXPECT_EQ(RawClient(port).Ask(kGet).status, 0);
}

TEST_F(HttpServerTest, StopsWithoutAnswersWhenTheLimitIsOver) {
  RawClient client(Start());
  client.Send(kWait);
  Waiting();
  server_->Stop(absl::Milliseconds(1));
  EXPECT_TRUE(watched_->gone);
  EXPECT_EQ(client.Receive().status, 0);
  // Whoever still holds the exchange speaks into the void.
  bool ran = false;
  Waiting()->Dispatch([&] { ran = true; });
  EXPECT_FALSE(ran);
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  const int port = Start();
  EXPECT_THAT(HttpServer::Start({.port = port}, app_),
              testing::FailsWith(Reason::BACKEND_UNAVAILABLE));
  EXPECT_THAT(HttpServer::Start({.address = "nowhere"}, app_),
              testing::FailsWith(Reason::BACKEND_UNAVAILABLE));
}

TEST_F(HttpServerTest, AnswersManyClientsAtOnce) {
  const int port = Start();
  std::atomic<int> answered{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      RawClient client(port);
      for (int n = 0; n < 500; ++n) answered += client.Ask(kGet).status == 200;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 4000);
}

}  // namespace
}  // namespace praxis::gateway
