#include "gateway/forms/coding.h"

#include <zlib.h>
#include <zstd.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RequestHead Asking(absl::string_view accepted,
                   absl::string_view method = "GET") {
  RequestHead head;
  head.method = method;
  head.values[static_cast<size_t>(Header::kAcceptEncoding)] = accepted;
  return head;
}

Response Json(size_t bytes) {
  Response response;
  response.content_type = "application/json";
  response.fields = "ETag: \"v7\"\r\n";
  while (response.body.size() < bytes) response.body += "{\"a\":1},";
  response.body.resize(bytes);
  return response;
}

Response Encoded(const RequestHead& head, Response response) {
  EncodeBody(head, &response);
  return response;
}

std::string Gunzip(const std::string& coded) {
  std::string plain(1 << 20, '\0');
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  stream.avail_in = coded.size();
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = plain.size();
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  return plain;
}

std::string Unzstd(const std::string& coded) {
  std::string plain(1 << 20, '\0');
  const size_t size =
      ZSTD_decompress(plain.data(), plain.size(), coded.data(), coded.size());
  EXPECT_FALSE(ZSTD_isError(size));
  plain.resize(ZSTD_isError(size) ? 0 : size);
  return plain;
}

TEST(CodingTest, IsTheOneThatTheClientLikesBest) {
  EXPECT_EQ(ChooseCoding("gzip"), Coding::kGzip);
  EXPECT_EQ(ChooseCoding("GZIP"), Coding::kGzip);
  EXPECT_EQ(ChooseCoding("gzip, deflate, br, zstd"), Coding::kZstd);
  EXPECT_EQ(ChooseCoding("zstd;q=0.5, gzip;q=0.9"), Coding::kGzip);
  EXPECT_EQ(ChooseCoding("*"), Coding::kZstd);
  EXPECT_EQ(ChooseCoding("zstd;q=0, *;q=0.1"), Coding::kGzip);
  EXPECT_EQ(ChooseCoding("identity;q=0.1, gzip;q=0.1"), Coding::kGzip);
  for (const char* plain :
       {"", "identity", "br", "gzip;q=0", "*;q=0", "deflate, br;q=1",
        "identity, gzip;q=0.5", "gzipped", "gzip;q=x"}) {
    EXPECT_EQ(ChooseCoding(plain), Coding::kIdentity) << plain;
  }
}

TEST(CodingTest, MakesAnswersSmallerThatCanBeReadAgain) {
  const Response plain = Json(50'000);
  const Response gzip = Encoded(Asking("gzip"), plain);
  EXPECT_LT(gzip.body.size(), 5'000);
  EXPECT_TRUE(Gunzip(gzip.body) == plain.body);
  EXPECT_THAT(gzip.fields, HasSubstr("Content-Encoding: gzip\r\n"));
  const Response zstd = Encoded(Asking("zstd"), plain);
  EXPECT_LT(zstd.body.size(), 5'000);
  EXPECT_TRUE(Unzstd(zstd.body) == plain.body);
  EXPECT_THAT(zstd.fields, HasSubstr("Content-Encoding: zstd\r\n"));
}

TEST(CodingTest, MakesTheEtagWeak) {
  EXPECT_THAT(Encoded(Asking("gzip"), Json(2000)).fields,
              HasSubstr("ETag: W/\"v7\"\r\n"));
  EXPECT_THAT(Encoded(Asking(""), Json(2000)).fields,
              HasSubstr("ETag: \"v7\"\r\n"));
  Response untagged = Json(2000);
  untagged.fields = "X: \"y\"\r\n";
  EXPECT_THAT(Encoded(Asking("gzip"), untagged).fields, Not(HasSubstr("W/")));
}

TEST(CodingTest, AnswersHeadAsGet) {
  const Response head = Encoded(Asking("gzip", "HEAD"), Json(2000));
  const Response get = Encoded(Asking("gzip"), Json(2000));
  EXPECT_EQ(head.fields, get.fields);
  EXPECT_EQ(head.body.size(), get.body.size());
}

TEST(CodingTest, LeavesAloneWhatWouldNotGain) {
  std::string noise;
  for (uint32_t i = 0, x = 1; i < 3000; ++i)
    noise += static_cast<char>((x = x * 69069 + 5) >> 24);
  Response random = Json(0);
  random.body = noise;
  Response binary = Json(2000);
  binary.content_type = "application/octet-stream";
  Response coded = Json(2000);
  coded.fields = "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n";
  for (const Response& response : {Json(1023), random, binary, coded}) {
    EXPECT_EQ(Encoded(Asking("gzip, zstd"), response).body, response.body);
  }
  EXPECT_EQ(Encoded(Asking("gzip"), coded).fields, coded.fields);
  // A cache must know that a longer body would have been another.
  EXPECT_THAT(Encoded(Asking(""), Json(10)).fields,
              HasSubstr("Vary: Accept-Encoding\r\n"));
}

// Tokens are answered to POST.
TEST(CodingTest, LeavesAloneWhatMayHoldASecret) {
  for (const char* method : {"POST", "PATCH", "PUT", "DELETE"}) {
    const Response response = Encoded(Asking("gzip", method), Json(5000));
    EXPECT_EQ(response.body, Json(5000).body);
    EXPECT_EQ(response.fields, Json(5000).fields);
  }
}

TEST(CodingTest, NamesInA304TheTagThatTheCacheHolds) {
  Response response;
  response.status = 304;
  response.fields = "ETag: \"v7\"\r\n";
  RequestHead head = Asking("gzip");
  absl::string_view& known =
      head.values[static_cast<size_t>(Header::kIfNoneMatch)];
  known = "\"v7\"";
  EXPECT_EQ(Encoded(head, response).fields,
            "ETag: \"v7\"\r\nVary: Accept-Encoding\r\n");
  known = "W/\"v7\"";
  EXPECT_EQ(Encoded(head, response).fields,
            "ETag: W/\"v7\"\r\nVary: Accept-Encoding\r\n");
}

}  // namespace
}  // namespace praxis::gateway
