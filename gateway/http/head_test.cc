#include "gateway/http/head.h"

#include <deque>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using testing::FailsWith;
using testing::Succeeds;

class HeadReaderTest : public ::testing::Test {
 protected:
  // Keeps the bytes: the head's views are into them.
  absl::StatusOr<size_t> Read(std::string bytes, RequestHead* head) {
    kept_.push_back(std::move(bytes));
    HeadReader reader({});
    return reader.Read(kept_.back(), head);
  }

 private:
  std::deque<std::string> kept_;
};

// A head with these lines before the empty one.
std::string With(absl::string_view lines) {
  return absl::StrCat("POST /v1/x HTTP/1.1\r\n", lines, "\r\n");
}

TEST_F(HeadReaderTest, ReadsWhatARequestSays) {
  const std::string bytes =
      "PATCH /v1/a%20b?x=1&y=%2F HTTP/1.1\r\nHost: example.org:8080\r\n"
      "content-TYPE:  application/json \r\nContent-Length: 12\r\n"
      "Expect: 100-continue\r\n\r\n{\"rest\":1}";
  RequestHead head;
  const absl::StatusOr<size_t> size = Read(bytes, &head);
  ASSERT_THAT(size, Succeeds());
  EXPECT_EQ(bytes.substr(*size), "{\"rest\":1}");
  EXPECT_EQ(head.method, "PATCH");
  EXPECT_EQ(head.path, "/v1/a%20b");
  EXPECT_EQ(head.query, "x=1&y=%2F");
  EXPECT_EQ(head[Header::kContentType], "application/json");
  EXPECT_EQ(head[Header::kAuthorization], "");
  EXPECT_EQ(head.content_length, 12);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_FALSE(head.chunked);
}

TEST_F(HeadReaderTest, WaitsForTheLastByte) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  HeadReader reader({});
  RequestHead head;
  for (size_t n = 0; n < bytes.size(); ++n) {
    const auto size = reader.Read(bytes.substr(0, n), &head);
    ASSERT_THAT(size, Succeeds()) << n;
    EXPECT_EQ(*size, 0) << n;
  }
  EXPECT_EQ(*reader.Read(bytes, &head), bytes.size());
  const std::string second = "GET /second HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_EQ(*reader.Read(second, &head), second.size());
  EXPECT_EQ(head.path, "/second");
}

TEST_F(HeadReaderTest, TakesTheAbsoluteFormOfATarget) {
  RequestHead head;
  ASSERT_THAT(
      Read("GET http://other.example/v1/x?y HTTP/1.1\r\nHost: x\r\n\r\n",
           &head),
      Succeeds());
  EXPECT_EQ(head.path, "/v1/x");
  EXPECT_EQ(head.query, "y");
}

TEST_F(HeadReaderTest, SkipsOneEmptyLineBeforeARequest) {
  RequestHead head;
  EXPECT_EQ(*Read("\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", &head), 29);
  EXPECT_THAT(Read("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", &head),
              FailsWith(Reason::HEADER_INVALID));
}

TEST_F(HeadReaderTest, KnowsWhichConnectionsStayOpen) {
  RequestHead head;
  ASSERT_THAT(Read(With("Host: x\r\nConnection: close\r\n"), &head),
              Succeeds());
  EXPECT_FALSE(head.keep_alive);
  ASSERT_THAT(Read("GET / HTTP/1.0\r\n\r\n", &head), Succeeds());
  EXPECT_FALSE(head.keep_alive);
  EXPECT_TRUE(head.http_1_0);
  ASSERT_THAT(Read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &head),
              Succeeds());
  EXPECT_TRUE(head.keep_alive);
}

TEST_F(HeadReaderTest, KeepsTheFirstOfAFieldThatAProxyMayAdd) {
  RequestHead head;
  ASSERT_THAT(
      Read(With("Host: x\r\nX-Request-Id: a\r\nX-Request-Id: b\r\n"), &head),
      Succeeds());
  EXPECT_EQ(head[Header::kXRequestId], "a");
}

TEST_F(HeadReaderTest, ForgetsFieldsItDoesNotKnow) {
  RequestHead head;
  ASSERT_THAT(
      Read(With("Host: x\r\nX-User-Id: root\r\nForwarded: for=1\r\n"), &head),
      Succeeds());
  for (absl::string_view value : head.values) {
    EXPECT_TRUE(value.empty() || value == "x") << value;
  }
}

// Each line is a way to let two parsers see two different requests.
TEST_F(HeadReaderTest, RefusesWhatCouldBeReadInTwoWays) {
  const std::string refused[] = {
      With("Host: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
      With("Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
      With("Host: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n"),
      With("Host: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n"),
      With("Host: x\r\nContent-Length: 1, 1\r\n"),
      With("Host: x\r\nContent-Length: +1\r\n"),
      With("Host: x\r\nContent-Length: -1\r\n"),
      With("Host: x\r\nContent-Length: 0x1\r\n"),
      With("Host: x\r\nContent-Length:\r\n"),
      With("Host: x\r\nContent-Length: 18446744073709551616\r\n"),
      With("Host: x\r\nTransfer-Encoding: gzip\r\n"),
      With("Host: x\r\nTransfer-Encoding: gzip, chunked\r\n"),
      With("Host: x\r\nTransfer-Encoding: chunked, chunked\r\n"),
      With("Host: x\r\nTransfer-Encoding: chunked\r\n"
           "Transfer-Encoding: chunked\r\n"),
      With("Host: x\r\nTransfer-Encoding: identity\r\n"),
      With("Host: x\r\nTransfer-Encoding: \vchunked\r\n"),
      "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
      With("Host: x\r\nHost: x\r\n"),
      With("Host: x\r\nhost: y\r\n"),
      With("Host: x y\r\n"),
      With("Host: user@x\r\n"),
      With("Accept: a\r\n"),  // no Host
      With("Host : x\r\n"),
      With("Host: x\r\n Accept: folded\r\n"),
      With("Host: x\r\n\tfolded\r\n"),
      With("Host: x\r\n: empty name\r\n"),
      With("Host: x\r\nno colon\r\n"),
      With("Host: x\r\nA: b\rC: d\r\n"),
      With("Host: x\nA: b\r\n"),
      With(absl::string_view("Host: x\r\nA: b\0c\r\n", 17)),
      With("Host: x\r\nExpect: 200-ok\r\n"),
      With("Host: x\r\nAuthorization: a\r\nAuthorization: b\r\n"),
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/1.1\r\nHost: x\n\r\n",
      " GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
      "GET / HTTP/0.9\r\nHost: x\r\n\r\n",
      "GET / http/1.1\r\nHost: x\r\n\r\n",
      "GET /\r\nHost: x\r\n\r\n",
      "GET\r\n\r\n",
      "\r\n\r\n",
      "G\"ET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "\x16\x03\x01\r\n\r\n",  // TLS
  };
  for (const std::string& bytes : refused) {
    RequestHead head;
    EXPECT_THAT(Read(bytes, &head), FailsWith(Reason::HEADER_INVALID)) << bytes;
  }
}

TEST_F(HeadReaderTest, SeesABareLineFeedBeforeTheHeadIsWhole) {
  RequestHead head;
  EXPECT_THAT(Read("GET / HTTP/1.1\nHo", &head),
              FailsWith(Reason::HEADER_INVALID));
}

TEST_F(HeadReaderTest, RefusesTargetsThatAreNoPath) {
  for (absl::string_view target :
       {"v1/x", "/v1#top", "/v1/\xc3\xa9", "example.org:443", "ftp://x/y",
        "http://x", "http://x?y", "?x"}) {
    RequestHead head;
    EXPECT_THAT(
        Read(absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: x\r\n\r\n"),
             &head),
        FailsWith(Reason::URL_INVALID))
        << target;
  }
}

TEST_F(HeadReaderTest, RefusesLongHeads) {
  RequestHead head;
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
  const size_t room = 16 * 1024 - start.size() - 4;
  EXPECT_THAT(Read(start + std::string(room, 'a') + "\r\n\r\n", &head),
              Succeeds());
  EXPECT_THAT(Read(start + std::string(room + 1, 'a') + "\r\n\r\n", &head),
              FailsWith(Reason::HEAD_TOO_LARGE));
  // Without waiting for an end that may never come.
  EXPECT_THAT(Read(start + std::string(16 * 1024, 'a'), &head),
              FailsWith(Reason::HEAD_TOO_LARGE));
}

TEST_F(HeadReaderTest, RefusesLongTargets) {
  RequestHead head;
  const auto get = [](size_t bytes) {
    return absl::StrCat("GET /", std::string(bytes - 1, 'a'),
                        " HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  EXPECT_THAT(Read(get(8 * 1024), &head), Succeeds());
  EXPECT_THAT(Read(get(8 * 1024 + 1), &head), FailsWith(Reason::URL_TOO_LONG));
  EXPECT_THAT(Read("GET /" + std::string(16 * 1024, 'a'), &head),
              FailsWith(Reason::URL_TOO_LONG));
}

TEST_F(HeadReaderTest, JoinsTheLinesThatProxiesAdd) {
  RequestHead head;
  ASSERT_THAT(Read(With("Host: x\r\nX-Forwarded-For: a, b\r\nAccept: c\r\n"
                        "X-Forwarded-For: d\r\nx-forwarded-for: e\r\n"),
                   &head),
              Succeeds());
  EXPECT_EQ(head.forwarded_for(), "a, b,d,e");
  ASSERT_THAT(Read(With("Host: x\r\nX-Forwarded-For: f\r\n"), &head),
              Succeeds());
  EXPECT_EQ(head.forwarded_for(), "f");
  ASSERT_THAT(Read(With("Host: x\r\n"), &head), Succeeds());
  EXPECT_EQ(head.forwarded_for(), "");
}

TEST_F(HeadReaderTest, RefusesManyFields) {
  std::string lines = "Host: x\r\n";
  for (int i = 0; i < 99; ++i) absl::StrAppend(&lines, "A", i, ": b\r\n");
  RequestHead head;
  EXPECT_THAT(Read(With(lines), &head), Succeeds());
  EXPECT_THAT(Read(With(lines + "One: more\r\n"), &head),
              FailsWith(Reason::HEAD_TOO_LARGE));
}

}  // namespace
}  // namespace praxis::gateway
