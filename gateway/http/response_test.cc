#include "gateway/http/response.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace praxis::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Head(const Response& response, ResponseFraming framing) {
  framing.date = "D";
  framing.request_id = "R";
  std::string head;
  AppendHead(response, framing, &head);
  return head;
}

TEST(AppendHeadTest, SaysWhatEveryAnswerSays) {
  Response response;
  response.content_type = "application/json";
  AddField("ETag", "\"7\"", &response.fields);
  EXPECT_EQ(Head(response, {.length = 12}),
            "HTTP/1.1 200 OK\r\nDate: D\r\nX-Request-Id: R\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Content-Type: application/json\r\nContent-Length: 12\r\n"
            "ETag: \"7\"\r\n\r\n");
}

TEST(AppendHeadTest, TellsHowTheBodyEnds) {
  EXPECT_THAT(Head({}, {}), HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(Head({}, {.http_1_0 = true, .keep_alive = false}),
              Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(Head({}, {.length = 0}), HasSubstr("Content-Length: 0\r\n"));
}

TEST(AppendHeadTest, TellsNoLengthWhereThereIsNoBody) {
  for (int status : {204, 304}) {
    Response response;
    response.status = status;
    EXPECT_THAT(Head(response, {.length = 0}), Not(HasSubstr("Content-Length")))
        << status;
  }
}

TEST(AppendHeadTest, TellsWhetherTheConnectionStays) {
  EXPECT_THAT(Head({}, {}), Not(HasSubstr("Connection")));
  EXPECT_THAT(Head({}, {.keep_alive = false}),
              HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(Head({}, {.length = 0, .http_1_0 = true}),
              HasSubstr("Connection: keep-alive\r\n"));
}

TEST(AddFieldTest, CannotBeMadeToAddASecondField) {
  std::string fields;
  AddField("ETag", "a\r\nSet-Cookie: b\x7f", &fields);
  EXPECT_EQ(fields, "ETag: a  Set-Cookie: b \r\n");
}

TEST(HttpDateTest, IsAnImfFixdate) {
  EXPECT_EQ(HttpDate(absl::FromUnixSeconds(784111777)),
            "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(ReasonPhraseTest, KnowsEveryStatusThatIsAnswered) {
  for (int status :
       {200, 204, 206, 304, 400, 401, 403, 404, 405, 406, 408, 409,
        412, 413, 414, 415, 416, 429, 431, 499, 500, 501, 503, 504}) {
    EXPECT_NE(ReasonPhrase(status), "Other") << status;
  }
}

}  // namespace
}  // namespace praxis::gateway
