// Requests whose ends two readers could see in different places: refused, and
// the connection ends, so that nothing can be smuggled behind them.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/raw_socket.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

class FramingTest : public SuiteTest {
 protected:
  // Sends what is given and another request behind it; both must get one
  // refusal and the end.
  void ExpectRefusedAtOnce(const std::string& what, const std::string& bytes,
                           int status = 400) {
    RawSocket socket(suite().http_port());
    socket.Send(bytes);
    socket.Send("GET /version HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::optional<std::string> all = socket.ReadToEnd();
    ASSERT_TRUE(all.has_value()) << what << ": the connection stays open";
    EXPECT_EQ(StatusOf(*all), status) << what << ": " << *all;
    const size_t second = all->find("HTTP/1.1 ", 1);
    EXPECT_EQ(second, std::string::npos)
        << what << ": was answered twice: " << *all;
  }
};

INSTANTIATE_TEST_SUITE_P(Shapes, FramingTest, BothShapes(), NameOfShape);

TEST_P(FramingTest, RefusesBodiesWithTwoEnds) {
  const std::string post = "POST /v1/sessions HTTP/1.1\r\nHost: h\r\n";
  const std::string json = "Content-Type: application/json\r\n";
  const auto length = [](const std::string& value) {
    return absl::StrCat("Content-Length: ", value, "\r\n");
  };
  const auto coding = [](const std::string& value) {
    return absl::StrCat("Transfer-Encoding: ", value, "\r\n");
  };
  const std::string chunk = "\r\n2\r\n{}\r\n0\r\n\r\n";
  ExpectRefusedAtOnce("a length and chunks",
                      post + json + length("2") + coding("chunked") + chunk);
  ExpectRefusedAtOnce("chunks and a length",
                      post + json + coding("chunked") + length("2") + chunk);
  ExpectRefusedAtOnce("two lengths",
                      post + json + length("2") + length("3") + "\r\n{}");
  ExpectRefusedAtOnce("the same length twice",
                      post + json + length("2") + length("2") + "\r\n{}");
  ExpectRefusedAtOnce("a list of lengths", post + length("2, 2") + "\r\n{}");
  ExpectRefusedAtOnce("a length with a sign", post + length("+2") + "\r\n{}");
  ExpectRefusedAtOnce("a negative length", post + length("-1") + "\r\n");
  ExpectRefusedAtOnce("a length in hex", post + length("0x2") + "\r\n{}");
  ExpectRefusedAtOnce("a length beyond 64 bits",
                      post + length("99999999999999999999") + "\r\n{}");
  ExpectRefusedAtOnce("two codings",
                      post + coding("chunked") + coding("chunked") + chunk);
  ExpectRefusedAtOnce("another coding", post + coding("gzip") + "\r\n{}");
  ExpectRefusedAtOnce("a coding like it", post + coding("xchunked") + chunk);
  ExpectRefusedAtOnce("a list of codings",
                      post + coding("gzip, chunked") + chunk);
  ExpectRefusedAtOnce("a chunk without a size",
                      post + json + coding("chunked") + "\r\n\r\n{}");
  ExpectRefusedAtOnce("a chunk with a wrong size",
                      post + json + coding("chunked") + "\r\nzz\r\n{}\r\n");
  ExpectRefusedAtOnce(
      "a chunk longer than it says",
      post + json + coding("chunked") + "\r\n1\r\n{}\r\n0\r\n\r\n");
  ExpectRefusedAtOnce("a chunk line that ends without CR",
                      post + json + coding("chunked") + "\r\n2\n{}\n0\n\n");
}

TEST_P(FramingTest, RefusesHeadsThatReadersDisagreeOn) {
  const std::string get = "GET /version HTTP/1.1\r\n";
  const std::string host = "Host: h\r\n";
  ExpectRefusedAtOnce("a folded line", get + host + "X-A: b\r\n  c\r\n\r\n");
  ExpectRefusedAtOnce("a line folded by a tab",
                      get + host + "X-A: b\r\n\tc\r\n\r\n");
  ExpectRefusedAtOnce("lines that end without CR",
                      "GET /version HTTP/1.1\nHost: h\n\n");
  ExpectRefusedAtOnce("one line that ends without CR",
                      get + host + "X-A: b\nX-B: c\r\n\r\n");
  ExpectRefusedAtOnce("a CR alone", get + host + "X-A: b\rX-B: c\r\n\r\n");
  ExpectRefusedAtOnce("white space before the colon",
                      get + host + "X-A : b\r\n\r\n");
  ExpectRefusedAtOnce("a line without a colon", get + host + "X-A\r\n\r\n");
  ExpectRefusedAtOnce("a name with a control character",
                      get + host + "X-\x01: b\r\n\r\n");
  ExpectRefusedAtOnce("a value with NUL",
                      get + host + std::string("X-A: b\0c\r\n\r\n", 12));
  ExpectRefusedAtOnce("no host", get + "\r\n");
  ExpectRefusedAtOnce("two hosts", get + host + host + "\r\n");
  ExpectRefusedAtOnce("two tokens", get + host +
                                        "Authorization: Bearer a\r\n"
                                        "Authorization: Bearer b\r\n\r\n");
  ExpectRefusedAtOnce("a wrong host", get + "Host: a b\r\n\r\n");
  ExpectRefusedAtOnce("another version", "GET / HTTP/2.0\r\nHost: h\r\n\r\n");
  ExpectRefusedAtOnce("no version", "GET /version\r\nHost: h\r\n\r\n");
  ExpectRefusedAtOnce("two spaces",
                      "GET  /version HTTP/1.1\r\n" + host + "\r\n");
  ExpectRefusedAtOnce("no HTTP at all", "\x16\x03\x01\x02\x00\r\n\r\n");
  ExpectRefusedAtOnce("a fragment", "GET /a#b HTTP/1.1\r\n" + host + "\r\n");
}

TEST_P(FramingTest, RefusesHeadsThatAreTooLong) {
  const std::string get = "GET /version HTTP/1.1\r\nHost: h\r\n";
  ExpectRefusedAtOnce(
      "a long field",
      absl::StrCat(get, "X-A: ", std::string(20'000, 'a'), "\r\n\r\n"), 431);
  std::string many = get;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&many, "X-", i, ": a\r\n");
  ExpectRefusedAtOnce("many fields", many + "\r\n", 431);
  ExpectRefusedAtOnce(
      "a long target",
      absl::StrCat("GET /", std::string(20'000, 'a'), " HTTP/1.1\r\n"), 431);
}

// What stands in the body of a refused request is never run.
TEST_P(FramingTest, RunsNothingThatIsSmuggled) {
  Person ada = Register(suite(), Transport::kHttp, "ada");
  const std::string community = Found(ada.caller, "anvil", events::v1::PUBLIC);
  const auto newest = NewestEvents(suite());
  const std::string body =
      R"({"kind": "VISIT", "title": "Smuggled", "body": "Words"})";
  const std::string inner = absl::StrCat(
      "POST /v1/", community, "/threads HTTP/1.1\r\nHost: h\r\n",
      "Authorization: Bearer ", ada.caller.token(),
      "\r\nContent-Type: application/json\r\nContent-Length: ", body.size(),
      "\r\n\r\n", body);
  const std::string get = "GET /version HTTP/1.1\r\nHost: h\r\n";
  for (const std::string& head :
       {absl::StrCat(get, "Content-Length: 0\r\nContent-Length: ", inner.size(),
                     "\r\n\r\n"),
        absl::StrCat(get, "Transfer-Encoding: chunked\r\nContent-Length: ",
                     inner.size() + 5, "\r\n\r\n0\r\n\r\n"),
        absl::StrCat(get, "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        absl::StrCat(get, "X-A: b\n\r\n")}) {
    RawSocket socket(suite().http_port());
    socket.Send(head + inner);
    const std::optional<std::string> all = socket.ReadToEnd();
    ASSERT_TRUE(all.has_value());
    EXPECT_EQ(StatusOf(*all), 400) << head;
    EXPECT_EQ(all->find("HTTP/1.1 ", 1), std::string::npos) << head;
  }
  EXPECT_EQ(NewestEvents(suite()), newest);
  // The same without the trick runs.
  RawSocket socket(suite().http_port());
  socket.Send(inner);
  EXPECT_EQ(StatusOf(socket.ReadAnswer()), 200);
  EXPECT_NE(NewestEvents(suite()), newest);
}

}  // namespace
}  // namespace praxis::system
