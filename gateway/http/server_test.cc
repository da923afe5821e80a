#include "gateway/http/server.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gateway/testing/http_fixture.h"

namespace praxis::gateway {
namespace {

using testing::Eventually;
using testing::Fetch;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RawAnswer;
using testing::RawClient;
using ::testing::SizeIs;

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

TEST_F(HttpServerTest, SendsABodyInPieces) {
  app_.On("/known", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(TextResponse(""), 300 * 100'000);
    SendPieces(std::move(exchange), 300, 100'000);
  });
  app_.On("/unknown", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(TextResponse(""), std::nullopt);
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
    exchange->Start(TextResponse(""), std::nullopt);
    exchange->Write({.piece = "abc", .size = 3},
                    [exchange] { exchange->Abort(); });
  });
  app_.On("/short", [](std::shared_ptr<Exchange> exchange) {
    exchange->Start(TextResponse(""), 10);
    SendPieces(std::move(exchange), 1, 9);
  });
  const int port = Start();
  const RawAnswer aborted = Fetch(port, "GET", "/aborted");
  EXPECT_EQ(aborted.body, "abc");
  EXPECT_FALSE(aborted.complete);
  EXPECT_FALSE(Fetch(port, "GET", "/short").complete);
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
