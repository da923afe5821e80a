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

const std::string kNul(1, '\0');

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
      absl::StrCat("GET /", std::string(20'000, 'a'), " HTTP/1.1\r\n"), 414);
  ExpectRefusedAtOnce("a target that is a little too long",
                      absl::StrCat("GET /?", std::string(8 * 1024, 'a'),
                                   " HTTP/1.1\r\nHost: h\r\n\r\n"),
                      414);
}

// Each is chunked to some readers and not to others.
TEST_P(FramingTest, RefusesCodingsInDisguise) {
  const std::string post = "POST /v1/sessions HTTP/1.1\r\nHost: h\r\n";
  const std::string name = "Transfer-Encoding";
  const std::string chunk = "\r\n2\r\n{}\r\n0\r\n\r\n";
  for (const std::string& line : {
           name + ": chunked, identity",
           name + ": identity, chunked",
           name + ": identity",
           name + ": chunked,",
           name + ": ,chunked",
           name + ": chunked, chunked",
           name + ": chunked;q=1",
           name + ": \"chunked\"",
           name + ": 'chunked'",
           name + ": chunked chunked",
           name + ": chunked\x0b",
           name + ": \x0b" + "chunked",
           name + ": \x0c" + "chunked",
           name + ": \xa0" + "chunked",
           name + ": chunk",
           name + ":",
           name + " : chunked",
           name + "\t: chunked",
           name + "\x0b: chunked",
           name + ":\r\n chunked",
           name + ":\r\n\tchunked",
           name + ": x\r\n chunked",
           " " + name + ": chunked",
           "\t" + name + ": chunked",
           "X: y\r" + name + ": chunked",
           "X: y\n" + name + ": chunked",
           "X: y\r\r\n" + name + ": chunked",
           name + ": chunked\r\n" + name + ": identity",
           name + ": identity\r\n" + name + ": chunked",
           name + ": chunked\r\n" + "transfer-encoding: x",
           kNul + name + ": chunked",
           name + kNul + ": chunked",
           name + ": chunked" + kNul,
       }) {
    ExpectRefusedAtOnce(line, post + line + "\r\n" + chunk);
    ExpectRefusedAtOnce(
        line + " and a length",
        post + "Content-Length: 12\r\n" + line + "\r\n" + chunk);
  }
  ExpectRefusedAtOnce("chunks in HTTP/1.0",
                      "POST /v1/sessions HTTP/1.0\r\nHost: h\r\n" + name +
                          ": chunked\r\n" + chunk);
}

TEST_P(FramingTest, RefusesChunksThatReadersMeasureDifferently) {
  const std::string post =
      "POST /v1/sessions HTTP/1.1\r\nHost: h\r\n"
      "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& chunks : {
           std::string("0x2\r\n{}\r\n0\r\n\r\n"),
           std::string("-2\r\n{}\r\n0\r\n\r\n"),
           std::string("+2\r\n{}\r\n0\r\n\r\n"),
           std::string(" 2\r\n{}\r\n0\r\n\r\n"),
           std::string("2 \r\n{}\r\n0\r\n\r\n"),
           std::string("\t2\r\n{}\r\n0\r\n\r\n"),
           std::string("2_\r\n{}\r\n0\r\n\r\n"),
           "2" + kNul + "\r\n{}\r\n0\r\n\r\n",
           std::string("10000000000000002\r\n{}\r\n0\r\n\r\n"),
           std::string("ffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
           std::string("00000000000000002\r\n{}\r\n0\r\n\r\n"),
           std::string("2;a\n{}\r\n0\r\n\r\n"),
           std::string("2;a\rb\r\n{}\r\n0\r\n\r\n"),
           std::string("2\r{}\r\n0\r\n\r\n"),
           std::string("2\r\r\n{}\r\n0\r\n\r\n"),
           std::string("2\r\n{}\n0\r\n\r\n"),
           std::string("2\r\n{}0\r\n\r\n"),
           std::string("2\r\n{}\r\n0\n\r\n"),
           std::string("2\r\n{}\r\n0\r\n\n"),
           std::string("2\r\n{}\r\n0\r\nA: b\n\r\n"),
           std::string("2\r\n{}\r\n0\r\nA: b\rC: d\r\n\r\n"),
           "2;" + std::string(20'000, 'a') + "\r\n{}\r\n0\r\n\r\n",
           "2\r\n{}\r\n0\r\nA: " + std::string(20'000, 'a') + "\r\n\r\n",
       }) {
    ExpectRefusedAtOnce(chunks.substr(0, 40), post + chunks);
  }
}

TEST_P(FramingTest, RefusesLengthsAndHostsInDisguise) {
  const std::string post = "POST /v1/sessions HTTP/1.1\r\n";
  const std::string host = "Host: h\r\n";
  for (const char* length :
       {"2 2", "2\t2", "2;", "2,", ",2", "2.0", "0b10", "2e0",
        "\x0b"
        "2",
        "\xc2\xb2", "", "18446744073709551618", "-0", "2 HTTP/1.1"}) {
    ExpectRefusedAtOnce(
        length,
        absl::StrCat(post, host, "Content-Length: ", length, "\r\n\r\n{}"));
  }
  ExpectRefusedAtOnce("a length with a space before its colon",
                      post + host + "Content-Length : 2\r\n\r\n{}");
  ExpectRefusedAtOnce("a length that is folded",
                      post + host + "Content-Length:\r\n 2\r\n\r\n{}");
  for (const char* other : {"a, b", "h/v1", "h?x", "h#x", "u@h", "h h", "h\\x",
                            "h\t:1", "h\x7f", "h\xff"}) {
    ExpectRefusedAtOnce(
        other,
        absl::StrCat("GET /version HTTP/1.1\r\nHost: ", other, "\r\n\r\n"));
  }
  ExpectRefusedAtOnce("two hosts, one of them empty",
                      "GET /version HTTP/1.1\r\nHost: h\r\nHost:\r\n\r\n");
}

TEST_P(FramingTest, RefusesRequestLinesThatReadersSplitDifferently) {
  const std::string host = "\r\nHost: h\r\n\r\n";
  for (const std::string& line : {
           std::string("GET\t/version HTTP/1.1"),
           std::string("GET /version\tHTTP/1.1"),
           std::string("GET /version HTTP/1.1\t"),
           std::string("GET /version HTTP/1.1 "),
           std::string("GET /version  HTTP/1.1"),
           std::string("\tGET /version HTTP/1.1"),
           std::string("GET /version HTTP/1.1 HTTP/1.1"),
           std::string("GET /version HTTP/1.1\rX: y"),
           "GET /ver" + kNul + "sion HTTP/1.1",
           std::string("GET /\x7f HTTP/1.1"),
           std::string("GET /\x0b HTTP/1.1"),
           std::string("GET /version HTTP/1.2"),
           std::string("GET /version HTTP/1"),
           std::string("GET /version HTTP/11"),
           std::string("GET /version HTTP/1.10"),
           std::string("GET /version HTTP /1.1"),
           std::string("GET /version HTTPS/1.1"),
           std::string("GET /version XTTP/1.1"),
           std::string("GET /version"),
           std::string("GET"),
           std::string("G@T /version HTTP/1.1"),
           "GET" + kNul + " /version HTTP/1.1",
           std::string(" /version HTTP/1.1"),
           std::string("PRI * HTTP/2.0"),
           std::string("CONNECT h:80 HTTP/1.1"),
           std::string("GET version HTTP/1.1"),
           std::string("GET h:80 HTTP/1.1"),
           std::string("GET http://h HTTP/1.1"),
           std::string("GET ftp://h/version HTTP/1.1"),
       }) {
    ExpectRefusedAtOnce(line, line + host);
  }
  for (const std::string& name :
       {std::string("X Y"), std::string("X\tY"), "X" + kNul + "Y",
        std::string("X\x7f"), std::string("X\xff"), std::string("(X)"),
        std::string("X,Y"), std::string("X\"Y"), std::string("")}) {
    ExpectRefusedAtOnce(
        name, "GET /version HTTP/1.1\r\nHost: h\r\n" + name + ": z\r\n\r\n");
  }
  for (const char* expected : {"100-continue, x", "200-ok", "x"}) {
    ExpectRefusedAtOnce(expected,
                        absl::StrCat("GET /version HTTP/1.1\r\nHost: h"
                                     "\r\nExpect: ",
                                     expected, "\r\n\r\n"));
  }
}

// What looks odd and has one meaning is answered once, and so is what follows.
TEST_P(FramingTest, ReadsWhatHasOneMeaning) {
  const std::string json = "Content-Type: application/json\r\n";
  const std::string post = "POST /v1/sessions HTTP/1.1\r\nHost: h\r\n" + json;
  const std::string get = "GET /version HTTP/1.1\r\nHost: h\r\n";
  const std::string chunks = "\r\n2\r\n{}\r\n0\r\n\r\n";
  const struct {
    std::string bytes;
    int status;
  } kinds[] = {
      {post + "Transfer-Encoding: CHUNKED\r\n" + chunks, 400},
      {post + "transfer-encoding:chunked\r\n" + chunks, 400},
      {post + "Transfer-Encoding:\t chunked \t\r\n" + chunks, 400},
      {post + "Content-Length: 0002\r\n\r\n{}", 400},
      // Readers that take "_" for "-" would see chunks.
      {post + "Transfer_Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", 400},
      // Nothing in a trailer changes the request it belongs to.
      {post + "Transfer-Encoding: chunked\r\n\r\n2;a=b;c=\"d\"\r\n{}\r\n0\r\n"
              "Content-Length: 99\r\nTransfer-Encoding: chunked\r\nHost: i\r\n"
              "Authorization: Bearer x\r\n\r\n",
       400},
      {get + "Content-Length: 37\r\n\r\n"
             "GET /livez HTTP/1.1\r\nHost: smuggled\r\n",
       200},
      // The target goes before Host (RFC 9112, 3.2.2).
      {"GET http://other:81/version HTTP/1.1\r\nHost: h\r\n\r\n", 200},
      // The offer of another protocol is not taken (RFC 9110, 7.8).
      {get + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
             "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
       200},
      {get + "Expect: 100-Continue\r\n\r\n", 200},
      {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 204},
      {"get /version HTTP/1.1\r\nHost: h\r\n\r\n", 405},
  };
  for (const auto& [bytes, status] : kinds) {
    RawSocket socket(suite().http_port());
    socket.Send(bytes +
                "GET /livez HTTP/1.1\r\nHost: h\r\n"
                "Connection: close\r\n\r\n");
    const std::string first = socket.ReadAnswer();
    EXPECT_EQ(StatusOf(first), status) << bytes << first;
    const std::string second = socket.ReadAnswer();
    EXPECT_EQ(StatusOf(second), 200) << bytes << second;
    EXPECT_EQ(BodyOf(second), "ok") << bytes;
    EXPECT_EQ(socket.ReadToEnd(), "") << bytes;
  }
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
