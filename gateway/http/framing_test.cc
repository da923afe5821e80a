#include "gateway/http/framing.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::gateway {
namespace {

using testing::FailsWith;
using testing::Succeeds;

RequestHead Chunked() {
  RequestHead head;
  head.chunked = true;
  return head;
}

// The body in `bytes`, given `step` at a time, and what was left over.
absl::StatusOr<std::string> Decode(const RequestHead& head,
                                   absl::string_view bytes, size_t step,
                                   bool* done, std::string* rest) {
  BodyFraming framing(head);
  std::string body;
  std::string unread;
  for (size_t at = 0; at < bytes.size() && !framing.done(); at += step) {
    absl::StrAppend(&unread, bytes.substr(at, step));
    *rest = std::string(bytes.substr(std::min(at + step, bytes.size())));
    for (;;) {
      const auto next = framing.Next(unread);
      if (!next.ok()) return next.status();
      absl::StrAppend(&body, next->data);
      if (next->consumed == 0) break;
      unread.erase(0, next->consumed);
    }
  }
  *done = framing.done();
  *rest = unread + *rest;
  return body;
}

TEST(BodyFramingTest, HasNothingToReadWithoutABody) {
  EXPECT_TRUE(BodyFraming(RequestHead()).done());
  RequestHead empty;
  empty.content_length = 0;
  EXPECT_TRUE(BodyFraming(empty).done());
}

TEST(BodyFramingTest, TakesAsManyBytesAsWereAnnounced) {
  RequestHead head;
  head.content_length = 5;
  for (size_t step : {1, 3, 20}) {
    bool done = false;
    std::string rest;
    EXPECT_EQ(*Decode(head, "helloGET /", step, &done, &rest), "hello");
    EXPECT_TRUE(done);
    EXPECT_EQ(rest, "GET /");
  }
}

TEST(BodyFramingTest, TakesChunksHoweverTheyAreTorn) {
  const std::string bytes =
      "5\r\nhello\r\n00A;name=\"v\"\r\n, world 12\r\n1\r\n3\r\n"
      "0;last\r\nTrailer: x\r\nOther: y\r\n\r\nGET /";
  for (size_t step = 1; step <= bytes.size(); ++step) {
    bool done = false;
    std::string rest;
    const auto body = Decode(Chunked(), bytes, step, &done, &rest);
    ASSERT_THAT(body, Succeeds()) << step;
    EXPECT_EQ(*body, "hello, world 123") << step;
    EXPECT_TRUE(done) << step;
    EXPECT_EQ(rest, "GET /") << step;
  }
}

TEST(BodyFramingTest, TakesAnEmptyChunkedBody) {
  bool done = false;
  std::string rest;
  EXPECT_EQ(*Decode(Chunked(), "0\r\n\r\n", 1, &done, &rest), "");
  EXPECT_TRUE(done);
}

TEST(BodyFramingTest, IsNotDoneBeforeTheLastChunk) {
  for (absl::string_view bytes :
       {"5\r\nhel", "5\r\nhello", "5\r\nhello\r\n", "0\r\n", "0\r\n\r"}) {
    bool done = true;
    std::string rest;
    EXPECT_THAT(Decode(Chunked(), bytes, 1, &done, &rest), Succeeds());
    EXPECT_FALSE(done) << bytes;
  }
}

TEST(BodyFramingTest, RefusesMalformedChunks) {
  const std::string refused[] = {
      "\r\n",
      "x\r\n",
      "-1\r\n",
      "0x5\r\nhello\r\n",
      " 5\r\nhello\r\n",
      "5 \r\nhello\r\n",
      "5\nhello\r\n",
      "5\r\rhello\r\n",
      "5\r\nhelloX",
      "5\r\nhello\n",
      "5\r\nhello\rX",
      "5;ext\nhello",
      "1000000000000000\r\n",
      "0\r\nTrailer: x\n\r\n",
      "0\r\n\rX",
      "0\r\n\n",
      "0\r\nTrailer: x\r\n\nGET / HTTP/1.1\r\n\r\n",
      "5;" + std::string(9000, 'e'),
      "0\r\n" + std::string(9000, 't'),
  };
  for (const std::string& bytes : refused) {
    bool done = false;
    std::string rest;
    EXPECT_THAT(Decode(Chunked(), bytes, 7, &done, &rest),
                FailsWith(Reason::HEADER_INVALID))
        << bytes;
  }
}

}  // namespace
}  // namespace praxis::gateway
