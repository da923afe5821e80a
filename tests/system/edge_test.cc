// The edge of the HTTP API: what every answer has in common, whatever it says.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/raw_socket.h"
#include "tests/system/servers.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Ada has written a reply that is worth compressing.
class EdgeTest : public SuiteTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SuiteTest::SetUp());
    ada_ = std::make_unique<Person>(Register(suite(), Transport::kHttp, "ada"));
    const std::string community =
        Found(ada_->caller, "edge", events::v1::PUBLIC);
    std::string body;
    for (int i = 0; i < 200; ++i) absl::StrAppend(&body, "Line ", i, ". ");
    const std::string thread =
        Ask(ada_->caller, community, "A question", "Who knows?").name();
    target_ = absl::StrCat("/v1/", Reply(ada_->caller, thread, body).name());
  }

  HttpResponse Send(const std::string& method,
                    const std::vector<std::string>& fields,
                    const std::string& body = "") const {
    HttpRequest request{.method = method,
                        .target = target_,
                        .token = ada_->caller.token(),
                        .fields = fields};
    if (!body.empty()) request.body = body;
    return HttpClient(suite().http_port()).Send(request);
  }

  std::unique_ptr<Person> ada_;
  std::string target_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, EdgeTest, BothShapes(), NameOfShape);

TEST_P(EdgeTest, CompressesWhatIsLarge) {
  const HttpResponse plain = Send("GET", {});
  EXPECT_EQ(plain["content-encoding"], "");
  for (const std::string coding : {"gzip", "zstd"}) {
    const HttpResponse coded = Send("GET", {"Accept-Encoding: " + coding});
    EXPECT_EQ(coded.status, 200);
    EXPECT_EQ(coded["content-encoding"], coding);
    EXPECT_EQ(coded["content-type"], "application/json");
    EXPECT_LT(coded.body.size(), plain.body.size() / 2);
    const HttpResponse head = Send("HEAD", {"Accept-Encoding: " + coding});
    EXPECT_EQ(head["content-encoding"], coding);
    EXPECT_EQ(head["content-length"], absl::StrCat(coded.body.size()));
    EXPECT_EQ(head["etag"], coded["etag"]);
  }
  EXPECT_EQ(Send("GET", {"Accept-Encoding: gzip;q=0, br"}).body, plain.body);
  EXPECT_EQ(OutputOf(absl::StrCat("curl -s --compressed http://127.0.0.1:",
                                  suite().http_port(), target_)),
            plain.body);
}

TEST_P(EdgeTest, LeavesSecretsUncompressed) {
  const HttpResponse session =
      HttpClient(suite().http_port())
          .Send({.method = "POST",
                 .target = "/v1/sessions",
                 .fields = {"Accept-Encoding: gzip, zstd"},
                 .body = absl::StrCat(R"({"handle": ")", ada_->handle,
                                      R"(", "password": ")", ada_->password,
                                      "\"}")});
  EXPECT_EQ(session.status, 200) << session.body;
  EXPECT_EQ(session["content-encoding"], "");
  EXPECT_THAT(session.body, HasSubstr("accessToken"));
}

// The tag of a compressed answer is as good as any other for what it is for.
TEST_P(EdgeTest, TakesTheTagOfACompressedAnswer) {
  const std::string tag = Send("GET", {"Accept-Encoding: gzip"})["etag"];
  EXPECT_THAT(tag, ::testing::StartsWith("W/\""));
  const HttpResponse known =
      Send("GET", {"Accept-Encoding: gzip", "If-None-Match: " + tag});
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known["etag"], tag);
  const std::string change = R"({"body": "A shorter one."})";
  EXPECT_EQ(Send("PATCH", {"If-Match: " + tag}, change).status, 200);
  EXPECT_EQ(Send("PATCH", {"If-Match: " + tag}, change).status, 412);
}

TEST_P(EdgeTest, AnswersPipelinedRequestsInTheirOrder) {
  RawSocket socket(suite().http_port());
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(&requests, "GET ", i % 2 == 0 ? target_ : "/version",
                    " HTTP/1.1\r\nHost: h\r\nX-Request-Id: r-", i, "\r\n",
                    "Authorization: Bearer ", ada_->caller.token(), "\r\n\r\n");
  }
  socket.Send(requests);
  for (int i = 0; i < 20; ++i) {
    const std::string answer = socket.ReadAnswer();
    EXPECT_EQ(StatusOf(answer), 200);
    EXPECT_THAT(answer, HasSubstr(absl::StrCat("X-Request-Id: r-", i, "\r\n")));
    EXPECT_THAT(answer, HasSubstr(i % 2 == 0 ? "Line 0. " : "\"version\""));
  }
}

// Byte for byte what GET says, but for the body.
TEST_P(EdgeTest, AnswersHeadLikeGet) {
  for (const std::string& target :
       {target_, std::string("/openapi.json"), std::string("/livez"),
        std::string("/v1/communities/none-such"), std::string("/nowhere")}) {
    const auto ask = [&](const std::string& method) {
      RawSocket socket(suite().http_port());
      socket.Send(absl::StrCat(method, " ", target,
                               " HTTP/1.1\r\nHost: h\r\nX-Request-Id: r\r\n"
                               "Connection: close\r\n\r\n"));
      std::string all = socket.ReadToEnd().value_or("open");
      // The second may have passed.
      const size_t date = all.find("Date: ");
      return date == std::string::npos ? all : all.erase(date, 37);
    };
    const std::string get = ask("GET");
    const std::string head = ask("HEAD");
    EXPECT_EQ(head, get.substr(0, get.find("\r\n\r\n") + 4)) << target;
  }
}

TEST_P(EdgeTest, KeepsConnectionsAndClosesThemWhenAsked) {
  RawSocket socket(suite().http_port());
  const std::string get = "GET /version HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 3; ++i) {
    socket.Send(get + "\r\n");
    EXPECT_THAT(socket.ReadAnswer(), Not(HasSubstr("Connection:")));
  }
  socket.Send(get + "Connection: close\r\n\r\n" + get + "\r\n");
  EXPECT_THAT(socket.ReadAnswer(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_EQ(socket.ReadToEnd(), "");
  RawSocket old(suite().http_port());
  old.Send("GET /version HTTP/1.0\r\n\r\n");
  EXPECT_EQ(StatusOf(old.ReadAnswer()), 200);
  EXPECT_EQ(old.ReadToEnd(), "");
}

}  // namespace
}  // namespace praxis::system
