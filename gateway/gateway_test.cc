#include "gateway/gateway.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway/testing/gateway_fixture.h"

namespace praxis::gateway {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawAnswer;
using testing::RawClient;
using ::testing::SizeIs;

constexpr char kEmma[] = "/v1/shelves/a/books/emma";
constexpr char kEmmasTag[] = "\"v1.4402aefaf866cba5\"";

INSTANTIATE_TEST_SUITE_P(Adapters, GatewayTest, EveryAdapter(), AdapterName);

TEST_P(GatewayTest, AnswersWithJson) {
  const RawAnswer answer = Ask("GET", kEmma);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer["content-type"], "application/json");
  EXPECT_EQ(answer["etag"], kEmmasTag);
  EXPECT_EQ(answer["cache-control"], "private, no-cache");
  EXPECT_EQ(answer.body, R"({"name":"shelves/a/books/emma","title":"Emma",)"
                         R"("author":"Jane","etag":"v1","textBytes":"10"})");
}

TEST_P(GatewayTest, AnswersHeadAsGetWithoutTheBody) {
  RawClient client(port());
  const RawAnswer head =
      client.Ask(absl::StrCat("HEAD ", kEmma, " HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head["etag"], kEmmasTag);
  EXPECT_EQ(head["content-length"],
            absl::StrCat(Ask("GET", kEmma).body.size()));
}

TEST_P(GatewayTest, SendsNothingThatTheClientHas) {
  const std::string etag = kEmmasTag;
  for (const std::string& etags :
       {etag, "W/" + etag, "\"v0\", " + etag, std::string("*"),
        "\"v0\"," + etag + ",\"v2\""}) {
    const RawAnswer answer =
        Ask("GET", kEmma, absl::StrCat("If-None-Match: ", etags, "\r\n"));
    EXPECT_EQ(answer.status, 304) << etags;
    // As the client has it: weak if it came compressed.
    EXPECT_EQ(answer["etag"], etags[0] == 'W' ? etags : etag);
    EXPECT_EQ(answer.body, "");
  }
  // The object's etag names no answer: others may be told more of the object.
  for (absl::string_view etags :
       {"\"v2\"", "v1", "\"v11\"", "\"v1\"", "\"v1.0000000000000000\""}) {
    EXPECT_EQ(Ask("GET", kEmma, absl::StrCat("If-None-Match: ", etags, "\r\n"))
                  .status,
              200)
        << etags;
  }
}

TEST_P(GatewayTest, ReadsTheQuery) {
  Add("shelves/a/books/zofloya", "Zofloya", {});
  EXPECT_THAT(Ask("GET", "/v1/shelves/a/books?pageSize=1").body,
              AllOf(HasSubstr("Emma"), Not(HasSubstr("Zofloya"))));
  EXPECT_EQ(ErrorOf(Ask("GET", "/v1/shelves/a/books?page=1")).reason,
            "URL_INVALID");
}

TEST_P(GatewayTest, AnswersWithTheFieldThatTheRuleNames) {
  EXPECT_EQ(Ask("GET", "/v1/shelves/a/titles").body.substr(0, 10),
            "[{\"name\":\"");
  EXPECT_EQ(Ask("GET", "/v1/shelves/none/titles").body, "[]");
}

TEST_P(GatewayTest, AnswersWithTheFieldsThatAreAskedFor) {
  const RawAnswer book =
      Ask("GET", absl::StrCat(kEmma, "?fields=title,textBytes"));
  EXPECT_EQ(book.body, R"({"title":"Emma","textBytes":"10"})");
  EXPECT_EQ(book["etag"], kEmmasTag);
  EXPECT_EQ(
      Ask("GET", "/v1/shelves/a/books?pageSize=1&$fields=books.author").body,
      R"({"books":[{"author":"Jane"}]})");
  EXPECT_EQ(Ask("GET", "/v1/shelves/a/titles?fields=title").body,
            R"([{"title":"Emma"}])");
  EXPECT_EQ(
      Ask("PATCH", absl::StrCat(kEmma, "?fields=pages"), "", R"({"pages":7})")
          .body,
      R"({"pages":"7"})");
}

TEST_P(GatewayTest, ChangesNothingForAFieldThatIsNotThere) {
  const RawAnswer answer =
      Ask("PATCH", absl::StrCat(kEmma, "?fields=colour"), "", R"({"pages":7})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(ErrorOf(answer).reason, "URL_INVALID");
  EXPECT_THAT(
      ErrorOf(answer).message,
      HasSubstr("query parameter \"fields\": \"colour\" names no field; "
                "there are name, title, author, pages"));
  EXPECT_EQ(Ask("GET", absl::StrCat(kEmma, "?fields=pages")).body, "{}");
}

TEST_P(GatewayTest, TakesAJsonBody) {
  const RawAnswer answer =
      Ask("POST", "/v1/shelves/a/books?requestId=r1",
          "Content-Type: application/json; charset=utf-8\r\n",
          R"({"title":"Persuasion","pages":"249"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer["cache-control"], "no-store");
  EXPECT_EQ(library().created().book().title(), "Persuasion");
  EXPECT_EQ(library().created().book().pages(), 249);
  EXPECT_EQ(library().created().parent(), "shelves/a");
  EXPECT_EQ(library().created().request_id(), "r1");
}

TEST_P(GatewayTest, RefusesBodiesThatAreNotWhatTheContractSays) {
  const std::string path = "/v1/shelves/a/books";
  for (absl::string_view body :
       {"{", "[]", "{\"title\":1}", "{\"colour\":\"red\"}",
        "{\"title\":\"a\",\"title\":\"b\"}", "{\"title\":\"\xff\"}",
        "null x"}) {
    const RawAnswer answer = Ask("POST", path, "", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(ErrorOf(answer).reason, "BODY_INVALID") << body;
  }
  const RawAnswer empty = Ask("POST", path, "", "{}");
  EXPECT_EQ(empty.status, 400);
  EXPECT_EQ(ErrorOf(empty).reason, "FIELD_INVALID");
  EXPECT_EQ(ErrorOf(Ask("DELETE", kEmma, "", "{}")).reason, "BODY_INVALID");
  EXPECT_EQ(library().created().book().title(), "");
}

TEST_P(GatewayTest, RefusesMediaTypesOtherThanJson) {
  for (absl::string_view fields :
       {"Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: application/jsonp\r\n", "Content-Encoding: gzip\r\n"}) {
    const RawAnswer answer =
        Ask("POST", "/v1/shelves/a/books", fields, "{\"title\":\"a\"}");
    EXPECT_EQ(answer.status, 415) << fields;
    EXPECT_EQ(ErrorOf(answer).reason, "MEDIA_TYPE_UNSUPPORTED");
  }
}

TEST_P(GatewayTest, RefusesBodiesOfMoreThanAMebibyte) {
  const std::string room(1 << 20, ' ');
  EXPECT_EQ(
      Ask("POST", "/v1/shelves/a/books", "", "{\"title\":\"a\"}" + room).status,
      413);
  const RawAnswer answer = Ask("POST", "/v1/shelves/a/books", "",
                               "{\"title\":\"a\"}" + room.substr(13));
  EXPECT_EQ(answer.status, 200);
}

TEST_P(GatewayTest, PatchesTheFieldsThatTheBodyNames) {
  const RawAnswer answer =
      Ask("PATCH", kEmma, "", R"({"pages":7,"author":"","etag":"v1"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body,
            R"({"name":"shelves/a/books/emma","title":"Emma","pages":"7",)"
            R"("etag":"v2","textBytes":"10"})");
  EXPECT_THAT(Ask("PATCH", absl::StrCat(kEmma, "?updateMask=title"), "",
                  R"({"pages":8,"title":"Emma II"})")
                  .body,
              AllOf(HasSubstr("\"pages\":\"7\""), HasSubstr("Emma II")));
}

TEST_P(GatewayTest, HoldsAWriteAgainstIfMatch) {
  const std::string body = R"({"pages":7})";
  const RawAnswer stale = Ask("PATCH", kEmma, "If-Match: \"v9\"\r\n", body);
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(ErrorOf(stale).reason, "PRECONDITION_FAILED");
  EXPECT_EQ(Ask("PATCH", kEmma, "If-Match: \"v1\"\r\n", body).status, 200);
  EXPECT_EQ(Ask("PATCH", kEmma, "If-Match: *\r\n", body).status, 200);
  // As it came with an answer.
  const std::string read =
      absl::StrCat("If-Match: ", Ask("GET", kEmma)["etag"], "\r\n");
  EXPECT_EQ(Ask("PATCH", kEmma, read, body).status, 200);
  EXPECT_EQ(Ask("PATCH", kEmma, read, body).status, 412);
  // Without the header it is a conflict.
  const RawAnswer conflict = Ask("PATCH", kEmma, "", R"({"etag":"v1"})");
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(ErrorOf(conflict).reason, "ETAG_MISMATCH");

  EXPECT_EQ(Ask("DELETE", kEmma, "If-Match: \"v1\"\r\n").status, 412);
  EXPECT_EQ(Ask("DELETE", kEmma, "If-Match: \"v4\"\r\n").status, 200);
}

TEST_P(GatewayTest, RefusesAnIfMatchThatItCannotHoldAnythingAgainst) {
  for (absl::string_view value : {"1", "w/\"1\"", "\"1\", \"2\"", "\"\""}) {
    const RawAnswer answer =
        Ask("PATCH", kEmma, absl::StrCat("If-Match: ", value, "\r\n"), "{}");
    EXPECT_EQ(ErrorOf(answer).reason, "HEADER_INVALID") << value;
  }
  EXPECT_EQ(ErrorOf(Ask("POST", absl::StrCat(kEmma, ":lend"),
                        "If-Match: \"v1\"\r\n", "{\"failWith\":41}"))
                .reason,
            "HEADER_INVALID");
}

TEST_P(GatewayTest, TakesTheIdempotencyKeyForTheRequestId) {
  const std::string body = R"({"title":"a"})";
  Ask("POST", "/v1/shelves/a/books", "Idempotency-Key: k1\r\n", body);
  EXPECT_EQ(library().created().request_id(), "k1");
  Ask("POST", "/v1/shelves/a/books", "Idempotency-Key: \"k2\"\r\n", body);
  EXPECT_EQ(library().created().request_id(), "k2");
  Ask("POST", "/v1/shelves/a/books?request_id=r", "Idempotency-Key: k3\r\n",
      body);
  EXPECT_EQ(library().created().request_id(), "r");
}

TEST_P(GatewayTest, AnswersErrorsInOneForm) {
  const RawAnswer answer = Ask("GET", "/v1/shelves/a/books/none");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer["content-type"], "application/json");
  EXPECT_EQ(answer["cache-control"], "no-store");
  EXPECT_EQ(answer.body,
            R"({"error":{"code":404,"status":"NOT_FOUND",)"
            R"("message":"There is no such book.","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
            R"("reason":"RESOURCE_NOT_FOUND","domain":"praxis"}]}})");
}

TEST_P(GatewayTest, NamesTheFieldsThatAreWrong) {
  const RawAnswer answer =
      Ask("POST", "/v1/shelves/a/books", "", "{\"book\":{}}");
  EXPECT_EQ(ErrorOf(answer).reason, "BODY_INVALID");
  const RawAnswer rules =
      Ask("POST", "/v1/shelves/a/books", "",
          absl::StrCat("{\"title\":\"", std::string(51, 'x'), "\"}"));
  EXPECT_THAT(ErrorOf(rules).detail_types,
              Contains("type.googleapis.com/google.rpc.BadRequest"));
  EXPECT_THAT(rules.body, HasSubstr("\"field\":\"book.title\""));
}

TEST_P(GatewayTest, KnowsItsPathsAndMethods) {
  const RawAnswer nowhere = Ask("GET", "/v2/nowhere");
  EXPECT_EQ(nowhere.status, 404);
  EXPECT_EQ(ErrorOf(nowhere).reason, "ROUTE_NOT_FOUND");
  const RawAnswer method = Ask("PUT", kEmma);
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method["allow"], "DELETE, GET, HEAD, OPTIONS, PATCH");
  EXPECT_EQ(ErrorOf(method).reason, "METHOD_NOT_ALLOWED");
  EXPECT_EQ(Ask("BREW", kEmma).status, 405);
  EXPECT_EQ(Ask("HEAD", absl::StrCat(kEmma, ":lend")).status, 405);
  EXPECT_EQ(ErrorOf(Ask("GET", "/v1/shelves/%zz/books")).reason, "URL_INVALID");
}

TEST_P(GatewayTest, TellsWhichMethodsAPathHas) {
  const RawAnswer answer = Ask("OPTIONS", "/v1/shelves/a/books");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer["allow"], "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(answer["access-control-allow-origin"], "");
  EXPECT_EQ(Ask("OPTIONS", "*").status, 204);
  EXPECT_EQ(Ask("OPTIONS", "/livez")["allow"], "GET, HEAD, OPTIONS");
  EXPECT_EQ(Ask("OPTIONS", "/v2/nowhere").status, 404);
}

TEST_P(GatewayTest, LetsNoPageOfAnotherOriginInByDefault) {
  const RawAnswer answer =
      Ask("GET", kEmma, "Origin: https://evil.example\r\n");
  EXPECT_EQ(answer["access-control-allow-origin"], "");
  EXPECT_EQ(answer["vary"], "Accept-Encoding");
}

TEST_P(GatewayTest, LetsPagesOfListedOriginsIn) {
  Start({.cors_origins = {"https://app.example"}});
  const RawAnswer answer = Ask("GET", kEmma, "Origin: https://app.example\r\n");
  EXPECT_EQ(answer["access-control-allow-origin"], "https://app.example");
  EXPECT_EQ(answer["vary"], "Accept-Encoding, Origin");
  EXPECT_THAT(answer["access-control-expose-headers"], HasSubstr("ETag"));
  EXPECT_EQ(
      Ask("GET", "/v2/x",
          "Origin: https://app.example\r\n")["access-control-allow-origin"],
      "https://app.example");
  const RawAnswer preflight = Ask("OPTIONS", kEmma,
                                  "Origin: https://app.example\r\n"
                                  "Access-Control-Request-Method: PATCH\r\n");
  EXPECT_THAT(preflight["access-control-allow-methods"], HasSubstr("PATCH"));
  EXPECT_THAT(preflight["access-control-allow-headers"],
              HasSubstr("Authorization"));
  const RawAnswer other = Ask("OPTIONS", kEmma,
                              "Origin: https://app.example.evil\r\n"
                              "Access-Control-Request-Method: PATCH\r\n");
  EXPECT_EQ(other["access-control-allow-origin"], "");
  EXPECT_EQ(other["access-control-allow-methods"], "");
}

TEST_P(GatewayTest, PassesTheTokenOn) {
  const std::string token = host_.TokenFor("members/ada");
  EXPECT_THAT(Ask("GET", "/v1/reader",
                  absl::StrCat("Authorization: Bearer ", token, "\r\n"))
                  .body,
              HasSubstr("members/ada"));
  EXPECT_EQ(Ask("GET", "/v1/reader",
                absl::StrCat("authorization: bearer  ", token, "\r\n"))
                .status,
            200);
}

TEST_P(GatewayTest, SaysHowToSignIn) {
  const RawAnswer none = Ask("GET", "/v1/reader");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none["www-authenticate"], "Bearer");
  EXPECT_EQ(ErrorOf(none).reason, "TOKEN_MISSING");
  for (absl::string_view value : {"Basic YTpi", "Bearer", "Bearer x",
                                  "Bearer x\ty", "Bearer \xff", "token", ""}) {
    const RawAnswer wrong = Ask("GET", "/v1/reader",
                                absl::StrCat("Authorization: ", value, "\r\n"));
    EXPECT_EQ(wrong.status, 401) << value;
    EXPECT_EQ(wrong["www-authenticate"], "Bearer error=\"invalid_token\"");
    EXPECT_EQ(ErrorOf(wrong).reason, "TOKEN_INVALID") << value;
  }
  // Also where nobody needs one: a wrong token is never taken for none.
  EXPECT_EQ(Ask("GET", kEmma, "Authorization: Basic YTpi\r\n").status, 401);
}

TEST_P(GatewayTest, BelievesNoHeaderThatSaysWhoCalls) {
  const RawAnswer answer =
      Ask("GET", "/v1/reader",
          "X-User-Id: members/root\r\nX-Roles: OWNER\r\n"
          "Grpc-Metadata-Authorization: Bearer x\r\nForwarded: for=::1\r\n");
  EXPECT_EQ(ErrorOf(answer).reason, "TOKEN_MISSING");
}

TEST_P(GatewayTest, PassesTheTraceOn) {
  EXPECT_THAT(
      Ask("GET", "/v1/reader",
          absl::StrCat("Authorization: Bearer ", host_.TokenFor("members/ada"),
                       "\r\nTraceparent: 00-0af7651916cd43dd8448eb211c80319c-"
                       "b7ad6b7169203331-01\r\n"))
          .body,
      HasSubstr("0af7651916cd43dd8448eb211c80319c"));
}

TEST_P(GatewayTest, GivesACallTheTimeThatItsClientGives) {
  const auto left = [&](absl::string_view fields) {
    auto parsed = ParseJson(
        Ask("GET", "/v1/reader",
            absl::StrCat("Authorization: Bearer ",
                         host_.TokenFor("members/ada"), "\r\n", fields))
            .body);
    return std::stoi((*parsed.mutable_fields())["timeLeftMs"].string_value());
  };
  EXPECT_LE(left(""), 5'100);
  EXPECT_GT(left("X-Request-Timeout: 200\r\n"), 100'000);
  EXPECT_GT(left("X-Request-Timeout: 150.5s\r\n"), 100'000);
  EXPECT_GT(left("X-Request-Timeout: 250000ms\r\n"), 100'000);
  for (absl::string_view value :
       {"0", "-1", "301", "1e2", "inf", "soon", "5m", ""}) {
    EXPECT_EQ(ErrorOf(Ask("GET", "/v1/reader",
                          absl::StrCat("X-Request-Timeout: ", value, "\r\n")))
                  .reason,
              "HEADER_INVALID")
        << value;
  }
}

TEST_P(GatewayTest, AnswersWhenTheTimeIsOver) {
  const RawAnswer answer = Ask("POST", absl::StrCat(kEmma, ":lend"),
                               "X-Request-Timeout: 20ms\r\n", "{}");
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(ErrorOf(answer).reason, "DEADLINE_EXCEEDED");
  // Nobody waits any more, and the connection is as good as before.
  EXPECT_TRUE(Eventually([&] { return library().lendings_cancelled == 1; }));
}

TEST_P(GatewayTest, CancelsACallWhoseClientHasGone) {
  RawClient client(port());
  client.Send(
      absl::StrCat("POST ", kEmma, ":lend HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(Eventually([&] { return library().lending == 1; }));
  client.Close();
  EXPECT_TRUE(Eventually([&] { return library().lendings_cancelled == 1; }));
  EXPECT_THAT(Ask("GET", "/metrics").body,
              HasSubstr("route=\"/v1/{name=shelves/*/books/*}:lend\",method="
                        "\"POST\",upstream=\"praxis.testing.library.v1\","
                        "code=\"4xx\"} 1"));
}

TEST_P(GatewayTest, SaysWhenToComeBack) {
  const auto fail = [&](Reason reason) {
    return Ask("POST", absl::StrCat(kEmma, ":lend"), "",
               absl::StrCat("{\"failWith\":", reason, "}"));
  };
  const RawAnswer limited = fail(errors::v1::RATE_LIMITED);
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited["retry-after"], "3");
  EXPECT_THAT(ErrorOf(limited).detail_types,
              Contains("type.googleapis.com/google.rpc.RetryInfo"));
  EXPECT_EQ(fail(errors::v1::BACKEND_UNAVAILABLE).status, 503);
  EXPECT_EQ(fail(errors::v1::LAST_OWNER).status, 400);
}

TEST_P(GatewayTest, SurvivesAnyPath) {
  RawClient client(port());
  for (int c = 1; c < 256; ++c) {
    RawClient one(port());
    const char byte = static_cast<char>(c);
    const RawAnswer answer =
        one.Ask(absl::StrCat("GET /v1/shelves/", absl::string_view(&byte, 1),
                             "/books?a=", absl::string_view(&byte, 1),
                             " HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_GE(answer.status, 200) << c;
    EXPECT_LT(answer.status, 500) << c;
  }
}

}  // namespace
}  // namespace praxis::gateway
