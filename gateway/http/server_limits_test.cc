// What the server asks of its clients, and how it ends.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gateway/testing/http_fixture.h"
#include "services/common/telemetry/metrics.h"

namespace praxis::gateway {
namespace {

using testing::Eventually;
using testing::Fetch;
using testing::RawAnswer;
using testing::RawClient;

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
      exchange->ReadSome(buffer->data(), buffer->size(),
                         [&done, buffer](size_t size) {
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
  options.limits.head_time = options.limits.idle_time = absl::Milliseconds(400);
  options.limits.stall_time = absl::Milliseconds(400);
  app_.On("/large", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(TextResponse(""), 100'000'000);
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
  // By /count, which answers it.
  EXPECT_TRUE(watched_->bad);

  RawClient slow_reader(port);
  slow_reader.Send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return slow_reader.HasInput(); }));
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 0; }));
  EXPECT_FALSE(slow_reader.Receive().complete);
}

// Old clients send an empty line behind a body, which begins no request.
TEST_F(HttpServerTest, TakesAnEmptyLineForNoRequestThatIsSlow) {
  HttpServer::Options options;
  options.limits.head_time = options.limits.idle_time = absl::Milliseconds(400);
  const int port = Start(options);
  for (const std::string line : {"\r", "\r\n"}) {
    const std::string post = absl::StrCat(
        "POST /echo? HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab", line);
    RawClient idle(port);
    EXPECT_EQ(idle.Ask(post).body, "POST ab");
    EXPECT_TRUE(idle.AtEnd());

    RawClient slow_head(port);
    EXPECT_EQ(slow_head.Ask(post).body, "POST ab");
    const absl::string_view rest =
        absl::string_view("\r\nG").substr(line.size());
    EXPECT_EQ(slow_head.Ask(rest).status, 408);
    EXPECT_TRUE(slow_head.AtEnd());

    RawClient another(port);
    EXPECT_EQ(
        another.Ask(absl::StrCat(post, line == "\r" ? "\n" : "", kGet)).body,
        "POST ab");
    EXPECT_EQ(another.Receive().body, "GET x");
  }
}

// It does not fit into the socket, so it is still under way then.
TEST_F(HttpServerTest, HasRefusedABodyWhenTheTimeIsOver) {
  app_.refusal_bytes = 50'000'000;
  app_.On("/brief", [this](std::shared_ptr<Exchange> exchange) {
    CountFor(absl::Milliseconds(100), std::move(exchange));
  });
  RawClient client(Start());
  client.Send(
      "POST /brief HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "no number\r\n");
  EXPECT_TRUE(Eventually([&] { return watched_->late.load(); }));
  const RawAnswer answer = client.Receive();
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.complete);
  EXPECT_TRUE(client.AtEnd());
}

// Not those who take what they are sent.
TEST_F(HttpServerTest, CutsOffWhoeverIsSlowestWhenAnswersHoldTooMuch) {
  HttpServer::Options options;
  options.limits.unsent_bytes_max = 60'000'000;
  app_.On("/large", [](std::shared_ptr<Exchange> exchange) {
    exchange->Respond(TextResponse(std::string(50'000'000, 'a')));
  });
  const int port = Start(options);
  constexpr char kLarge[] = "GET /large HTTP/1.1\r\nHost: h\r\n\r\n";
  RawClient slow(port);
  slow.Send(kLarge);
  EXPECT_TRUE(Eventually([&] { return slow.HasInput(); }));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Fetch(port, "GET", "/large").body.size(), 50'000'000u);
  }
  EXPECT_FALSE(slow.Receive().complete);
  // What they held is counted no more.
  RawClient another(port);
  another.Send(kLarge);
  EXPECT_TRUE(Eventually([&] { return another.HasInput(); }));
  EXPECT_EQ(another.Receive().body.size(), 50'000'000u);
}

// The head does not fit into the socket, so it is still under way then.
TEST_F(HttpServerTest, HoldsNoBodyWhereOnlyTheHeadIsSent) {
  auto body = std::make_shared<const std::string>(1000, 'a');
  const std::weak_ptr<const std::string> held = body;
  HttpServer::Options options;
  options.limits.stall_time = absl::Hours(1);
  app_.On("/large", [&body](std::shared_ptr<Exchange> exchange) {
    Response response = TextResponse("");
    AddField("x", std::string(50'000'000, 'a'), &response.fields);
    response.shared_body = std::move(body);
    exchange->Respond(std::move(response));
  });
  RawClient client(Start(options));
  client.Send("HEAD /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return client.HasInput(); }));
  EXPECT_TRUE(Eventually([&] { return held.expired(); }));
  EXPECT_THAT(client.ReadSome(1000),
              ::testing::HasSubstr("Content-Length: 1000\r\n"));
}

// It does not fit into the socket, so it is still under way when more comes.
TEST_F(HttpServerTest, TakesNothingMoreOnceItHasRefused) {
  app_.refusal_bytes = 50'000'000;
  HttpServer::Options options;
  options.limits.head_time = options.limits.stall_time = absl::Seconds(1);
  const int port = Start(options);
  for (absl::string_view begun :
       {"GET /echo HTTP/1.1\r\nHo",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
        "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"}) {
    RawClient client(port);
    client.Send(begun);
    EXPECT_TRUE(Eventually([&] { return client.HasInput(); }));
    client.Send("st: h\r\n\r\n");
    EXPECT_EQ(client.Receive().status, 408);
  }
  EXPECT_EQ(Fetch(port, "GET", "/wait?", "Expect: no\r\n").status, 400);
}

TEST_F(HttpServerTest, BoundsWhatLargeBodiesHold) {
  app_.On("/hold", [this](std::shared_ptr<Exchange> exchange) {
    exchange->ReadBody(1 << 20, [this, exchange](absl::string_view) {
      exchange->Watch(watched_, absl::InfiniteDuration());
      absl::MutexLock lock(&mutex_);
      waiting_.push_back(exchange);
    });
  });
  app_.On("/large", [](std::shared_ptr<Exchange> exchange) {
    exchange->ReadBody(1 << 20, [exchange](absl::string_view body) {
      exchange->Respond(TextResponse(absl::StrCat(body.size())));
    });
  });
  HttpServer::Options options;
  // One thread gives back what a body held before it reads another.
  options.threads = 1;
  options.limits.bodies_bytes_max = 300'000;
  const int port = Start(options);
  const auto ask = [&](size_t size) {
    return Fetch(port, "POST", "/large", "", std::string(size, 'a'));
  };
  const std::string hold =
      absl::StrCat("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 200000",
                   "\r\n\r\n", std::string(200'000, 'a'));
  for (const bool leaves : {false, true}) {
    EXPECT_TRUE(Eventually([&] { return ask(200'000).body == "200000"; }));
    RawClient client(port);
    client.Send(hold);
    Waiting(leaves ? 1 : 0);
    EXPECT_EQ(ask(200'000).status, 503);
    // They keep nobody from small calls.
    EXPECT_EQ(ask(10'000).body, "10000");
    leaves ? client.Reset() : Answer(0, "held");
  }
  EXPECT_TRUE(Eventually([&] { return ask(200'000).body == "200000"; }));
}

TEST_F(HttpServerTest, TakesNothingMoreOnceItAnswers) {
  bool was_taken = false;
  app_.On("/early", [&](std::shared_ptr<Exchange> exchange) {
    exchange->ReadBody(1000, [&](absl::string_view) { was_taken = true; });
    absl::MutexLock lock(&mutex_);
    waiting_.push_back(std::move(exchange));
  });
  RawClient client(Start());
  const std::string head =
      "POST /early HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  client.Send(absl::StrCat(head, "3\r\nabc\r\n"));
  Answer(0, std::string(50'000'000, 'a'));
  EXPECT_TRUE(Eventually([&] { return client.HasInput(); }));
  client.Send("malformed");
  EXPECT_TRUE(client.Receive().body == std::string(50'000'000, 'a'));
  EXPECT_TRUE(client.AtEnd());
  EXPECT_FALSE(was_taken);
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
  EXPECT_TRUE(refused.complete);
  EXPECT_THAT(refused["x-request-id"], ::testing::SizeIs(26));
  first.Close();
  EXPECT_TRUE(
      Eventually([&] { return Fetch(port, "GET", "/echo").status == 200; }));

  options.limits.connections_max = 100;
  options.limits.connections_per_address_max = 1;
  RawClient only(Start(options));
  EXPECT_EQ(only.Ask(kGet).status, 200);
  EXPECT_EQ(RawClient(server_->port()).Receive().status, 503);
}

// Who is slow, in whichever way, is not worked for.
TEST_F(HttpServerTest, CountsTheRequestsThatAreWorkedOn) {
  telemetry::Gauge shown;
  app_.On("/waiting", [](std::shared_ptr<Exchange> exchange) {
    exchange->Respond(TextResponse(absl::StrCat(exchange->requests_waiting())));
  });
  app_.On("/large", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(TextResponse(""), 100'000'000);
    SendPieces(std::move(exchange), 1, 100'000'000);
  });
  HttpServer::Options options;
  options.requests_waiting = &shown;
  const int port = Start(options);
  RawClient slow_head(port);
  slow_head.Send("GET /wait HTTP/1.1\r\nHo");
  RawClient slow_body(port);
  slow_body.Send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  RawClient slow_reader(port);
  slow_reader.Send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return slow_reader.HasInput(); }));
  EXPECT_EQ(Fetch(port, "GET", "/waiting").body, "1");

  RawClient first(port);
  first.Send(kWait);
  RawClient second(port);
  second.Send(kWait);
  Waiting(1);
  EXPECT_EQ(Fetch(port, "GET", "/waiting").body, "3");
  Answer(0, "");
  second.Reset();
  EXPECT_TRUE(Eventually([&] { return shown.value() == 0; }));
  EXPECT_EQ(slow_body.Ask("abcdef").status, 200);
  EXPECT_EQ(Fetch(port, "GET", "/waiting").body, "1");
}

// What a trusted proxy says of its clients, and nobody else.
TEST_F(HttpServerTest, BelievesProxiesAboutTheirClients) {
  app_.On("/who", [](std::shared_ptr<Exchange> exchange) {
    exchange->Respond(TextResponse(std::string(exchange->client_address())));
  });
  HttpServer::Options options;
  options.limits.connections_per_address_max = 2;
  const int direct = Start(options);
  EXPECT_EQ(Fetch(direct, "GET", "/who", "X-Forwarded-For: 192.0.2.1\r\n").body,
            "127.0.0.1");
  options.proxies = *TrustedProxies::Parse("127.0.0.0/8");
  const int port = Start(options);
  EXPECT_EQ(Fetch(port, "GET", "/who").body, "127.0.0.1");
  RawClient proxy(port);
  const auto who = [&](absl::string_view fields) {
    return proxy
        .Ask(absl::StrCat("GET /who HTTP/1.1\r\nHost: h\r\n", fields, "\r\n"))
        .body;
  };
  EXPECT_EQ(who("X-Forwarded-For: 192.0.2.1\r\n"), "192.0.2.1");
  EXPECT_EQ(who("X-Forwarded-For: 198.51.100.1, 192.0.2.2\r\n"), "192.0.2.2");
  EXPECT_EQ(who("X-Forwarded-For: 198.51.100.1\r\nAccept: a\r\n"
                "X-Forwarded-For: 192.0.2.3\r\nX-Forwarded-For: 127.0.0.9\r\n"),
            "192.0.2.3");
  EXPECT_EQ(who(""), "127.0.0.1");
  // It has many clients, so many connections.
  RawClient second(port);
  RawClient third(port);
  RawClient fourth(port);
  EXPECT_EQ(fourth.Ask(kGet).status, 200);
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

}  // namespace
}  // namespace praxis::gateway
