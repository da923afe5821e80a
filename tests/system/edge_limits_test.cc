// Who is turned away at the door, and who is not.
#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/raw_socket.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// What an address is answered that asks for a target.
std::string Get(const Suite& suite, const std::string& from,
                const std::string& target, const std::string& fields = "") {
  RawSocket socket(suite.http_port(), from);
  socket.Send(
      absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: h\r\n", fields, "\r\n"));
  return socket.ReadAnswer();
}

// Two requests of an address at once, then one a second. 127.0.0.9 is a proxy.
class AddressRateTest : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  // Asks until it is turned away; `fields` may differ each time. However slow
  // the machine, two in a row come within a second.
  std::string Exhaust(
      const std::string& from, const std::string& target,
      const std::function<std::string(int)>& fields = [](int) { return ""; }) {
    std::string answer;
    for (int i = 0; i < 100; ++i) {
      answer = Get(suite_, from, target, fields(i));
      if (StatusOf(answer) == 429) break;
    }
    return answer;
  }

  Suite suite_{GetParam(),
               {.address_rate = 1,
                .http_flags = {"--trusted_proxies=127.0.0.9",
                               "--cors_origins=https://a.example"}}};
};

INSTANTIATE_TEST_SUITE_P(Shapes, AddressRateTest, BothShapes(), NameOfShape);

TEST_P(AddressRateTest, TurnsAwayAddressesThatAskTooOften) {
  const std::string answer = Exhaust("127.0.0.2", "/version");
  EXPECT_EQ(StatusOf(answer), 429);
  EXPECT_THAT(answer, HasSubstr("\r\nRetry-After: 1\r\n"));
  EXPECT_THAT(answer, HasSubstr("RATE_LIMITED"));
  EXPECT_THAT(answer, HasSubstr("google.rpc.RetryInfo"));
  // Before a route is looked for or a token read; a web page may read why.
  EXPECT_THAT(Exhaust("127.0.0.2", "/nowhere",
                      [](int) {
                        return "Authorization: x\r\n"
                               "Origin: https://a.example\r\n";
                      }),
              AllOf(::testing::StartsWith("HTTP/1.1 429 "),
                    HasSubstr("Access-Control-Allow-Origin: ")));
  for (int i = 0; i < 10; ++i) {
    for (const char* probe : {"/livez", "/readyz", "/healthz"}) {
      EXPECT_EQ(StatusOf(Get(suite_, "127.0.0.2", probe)), 200) << probe;
    }
  }
  EXPECT_EQ(StatusOf(Get(suite_, "127.0.0.3", "/version")), 200);
  EXPECT_THAT(
      Get(suite_, "127.0.0.3", "/metrics"),
      HasSubstr("praxis_gateway_turned_away_total{reason=\"address_rate\"}"));
}

TEST_P(AddressRateTest, CountsTheClientsOfProxiesApart) {
  const auto of = [](const std::string& clients) {
    return absl::StrCat("X-Forwarded-For: ", clients, "\r\n");
  };
  const auto exhausted = [&](const std::string& from,
                             const std::function<std::string(int)>& fields) {
    return StatusOf(Exhaust(from, "/version", fields)) == 429;
  };
  EXPECT_TRUE(exhausted("127.0.0.9", [&](int) { return of("192.0.2.1"); }));
  EXPECT_EQ(StatusOf(Get(suite_, "127.0.0.9", "/version", of("192.0.2.2"))),
            200);
  // Whatever a client claims stands before what the proxy says.
  EXPECT_TRUE(exhausted("127.0.0.9", [&](int i) {
    return of(absl::StrCat("198.51.100.", i, ", 192.0.2.3"));
  }));
  EXPECT_TRUE(exhausted("127.0.0.9", [&](int i) {
    return of(absl::StrCat("198.51.100.", i)) + of("192.0.2.4");
  }));
  // Nobody else is believed.
  EXPECT_TRUE(exhausted(
      "127.0.0.4", [&](int i) { return of(absl::StrCat("203.0.113.", i)); }));
  EXPECT_FALSE(exhausted(
      "127.0.0.9", [&](int i) { return of(absl::StrCat("203.0.113.", i)); }));
}

// Before a route is looked for, and of the path, not of what stands behind it.
TEST_P(AddressRateTest, AnswersPreflights) {
  const auto preflight = [&](const std::string& from, const std::string& path,
                             const std::string& origin) {
    RawSocket socket(suite_.http_port(), from);
    socket.Send(absl::StrCat(
        "OPTIONS ", path, " HTTP/1.1\r\nHost: h\r\nOrigin: ", origin,
        "\r\nAccess-Control-Request-Method: PATCH\r\n"
        "Access-Control-Request-Headers: if-match\r\n\r\n"));
    return socket.ReadAnswer();
  };
  const std::string let_in =
      preflight("127.0.0.5", "/v1/communities/x", "https://a.example");
  EXPECT_EQ(StatusOf(let_in), 204);
  EXPECT_THAT(let_in,
              HasSubstr("Access-Control-Allow-Origin: https://a.example\r\n"));
  EXPECT_THAT(let_in, HasSubstr("PATCH"));
  EXPECT_THAT(let_in, HasSubstr("If-Match"));
  EXPECT_THAT(let_in, HasSubstr("Access-Control-Max-Age: "));
  EXPECT_THAT(let_in, HasSubstr("Vary: Origin\r\n"));
  EXPECT_THAT(let_in, Not(HasSubstr("Allow-Credentials")));
  const std::string other =
      preflight("127.0.0.6", "/v1/communities/x", "https://b.example");
  EXPECT_EQ(StatusOf(other), 204);
  EXPECT_THAT(other, Not(HasSubstr("Access-Control")));
  EXPECT_THAT(other, HasSubstr("Vary: Origin\r\n"));
}

class SheddingTest : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  Suite suite_{GetParam(), {.http_flags = {"--requests_max=3"}}};
};

INSTANTIATE_TEST_SUITE_P(Shapes, SheddingTest,
                         ::testing::Values(Shape::kFourProcesses), NameOfShape);

// A service that hangs holds those who ask for it, up to a number.
TEST_P(SheddingTest, RefusesAtOnceWhatWouldOnlyWait) {
  const Person ada = Register(suite_, Transport::kHttp, "ada");
  const std::string get =
      absl::StrCat("GET /v1/members/me HTTP/1.1\r\nHost: h\r\n",
                   "Authorization: Bearer ", ada.caller.token(), "\r\n\r\n");
  Process& members = suite_.process("members");
  members.Signal(SIGSTOP);
  // More than are let in: which, is not said, for one that was answered before
  // may still be counted.
  std::vector<std::unique_ptr<RawSocket>> waiting;
  for (int i = 0; i < 6; ++i) {
    waiting.push_back(std::make_unique<RawSocket>(suite_.http_port()));
    waiting.back()->Send(get);
  }
  std::string refused;
  EXPECT_TRUE(Eventually([&] {
    refused = Get(suite_, "127.0.0.1", "/version");
    return StatusOf(refused) == 503;
  }));
  EXPECT_THAT(refused, HasSubstr("\r\nRetry-After: 1\r\n"));
  EXPECT_THAT(refused, HasSubstr("OVERLOADED"));
  for (const char* probe : {"/livez", "/readyz", "/metrics"}) {
    EXPECT_EQ(StatusOf(Get(suite_, "127.0.0.1", probe)), 200) << probe;
  }
  members.Signal(SIGCONT);
  std::map<int, int> answers;
  for (const auto& socket : waiting) ++answers[StatusOf(socket->ReadAnswer())];
  EXPECT_EQ(answers, (std::map<int, int>{{200, 3}, {503, 3}}));
  EXPECT_EQ(StatusOf(Get(suite_, "127.0.0.1", "/version")), 200);
}

}  // namespace
}  // namespace praxis::system
