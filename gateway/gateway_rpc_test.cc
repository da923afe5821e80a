// RPCs by their own paths: Connect and gRPC-Web, and errors in every form.
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/testing/gateway_fixture.h"

namespace praxis::gateway {
namespace {

using ::testing::AllOf;
using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::RawAnswer;
using testing::RawClient;
using ::testing::StartsWith;

namespace books = ::praxis::testing::library::v1;

std::string PathOf(absl::string_view method) {
  return absl::StrCat("/praxis.testing.library.v1.LibraryService/", method);
}

std::string Framed(absl::string_view message, char flags = '\0') {
  std::string frame(1, flags);
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<char>(message.size() >> shift));
  }
  return absl::StrCat(frame, message);
}

// The flags and payload of each envelope of a body.
std::vector<std::pair<int, std::string>> Frames(absl::string_view body) {
  std::vector<std::pair<int, std::string>> frames;
  while (body.size() >= 5) {
    size_t size = 0;
    for (int i = 1; i < 5; ++i) {
      size = size << 8 | static_cast<uint8_t>(body[i]);
    }
    frames.emplace_back(static_cast<uint8_t>(body[0]),
                        std::string(body.substr(5, size)));
    body.remove_prefix(std::min(body.size(), 5 + size));
  }
  EXPECT_EQ(body, "");
  return frames;
}

// Base64 of one piece after another, each padded for itself.
std::string Unescaped(absl::string_view text) {
  std::string bytes;
  for (; !text.empty(); text.remove_prefix(std::min<size_t>(4, text.size()))) {
    std::string group;
    EXPECT_TRUE(absl::Base64Unescape(text.substr(0, 4), &group));
    bytes += group;
  }
  return bytes;
}

class GatewayRpcTest : public GatewayTest {
 protected:
  RawAnswer Post(absl::string_view method, absl::string_view type,
                 absl::string_view body, absl::string_view fields = "") {
    return Ask("POST", PathOf(method),
               absl::StrCat("Content-Type: ", type, "\r\n", fields), body);
  }
};
INSTANTIATE_TEST_SUITE_P(Adapters, GatewayRpcTest, EveryAdapter(), AdapterName);

constexpr char kEmma[] = R"({"name":"shelves/a/books/emma"})";

books::GetBookRequest EmmaRequest() {
  books::GetBookRequest request;
  request.set_name("shelves/a/books/emma");
  return request;
}

TEST_P(GatewayRpcTest, AnswersConnectInItsCodec) {
  const RawAnswer json = Post("GetBook", "application/json", kEmma);
  EXPECT_EQ(json.status, 200);
  EXPECT_EQ(json["content-type"], "application/json");
  EXPECT_THAT(json.body, HasSubstr(R"("title":"Emma")"));
  const RawAnswer proto =
      Post("GetBook", "application/proto", EmmaRequest().SerializeAsString());
  EXPECT_EQ(proto["content-type"], "application/proto");
  books::Book book;
  EXPECT_TRUE(book.ParseFromString(proto.body));
  EXPECT_EQ(book.title(), "Emma");
}

TEST_P(GatewayRpcTest, WritesByConnect) {
  books::CreateBookRequest request;
  request.set_parent("shelves/a");
  request.mutable_book()->set_title("Persuasion");
  EXPECT_EQ(Post("CreateBook", "application/proto", request.SerializeAsString())
                .status,
            200);
  EXPECT_EQ(library().created().book().title(), "Persuasion");
}

TEST_P(GatewayRpcTest, ReadsByGet) {
  const std::string query = absl::StrCat(
      "?connect=v1&encoding=proto&base64=1&message=",
      absl::WebSafeBase64Escape(EmmaRequest().SerializeAsString()));
  const RawAnswer answer = Ask("GET", PathOf("GetBook") + query);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer["cache-control"], "private, no-cache");
  books::Book book;
  EXPECT_TRUE(book.ParseFromString(answer.body));
  EXPECT_EQ(book.title(), "Emma");
  EXPECT_THAT(answer["etag"], MatchesRegex("\"v1\\.[0-9a-f]{16}\""));
  EXPECT_EQ(Ask("GET", PathOf("GetBook") + query,
                absl::StrCat("If-None-Match: ", answer["etag"], "\r\n"))
                .status,
            304);
  EXPECT_EQ(Ask("GET", PathOf("GetBook") + query, "", "x").status, 400);
  EXPECT_THAT(Ask("GET", PathOf("GetBook") + "?encoding=json&message=[").body,
              StartsWith(R"({"code":"invalid_argument")"));
  // What writes is for POST alone.
  const RawAnswer write = Ask("GET", PathOf("CreateBook") + query);
  EXPECT_EQ(write.status, 405);
  EXPECT_EQ(write["allow"], "OPTIONS, POST");
}

TEST_P(GatewayRpcTest, TellsConnectOfErrors) {
  const RawAnswer missing = Post("GetBook", "application/proto", "");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing["content-type"], "application/json");
  EXPECT_THAT(
      missing.body,
      AllOf(StartsWith(R"({"code":"not_found","message":"There is no such)"),
            HasSubstr(R"("debug":{"reason":"RESOURCE_NOT_FOUND")")));
  const RawAnswer anonymous = Post("GetReader", "application/json", "{}");
  EXPECT_EQ(anonymous.status, 401);
  EXPECT_EQ(anonymous["www-authenticate"], "Bearer");
  EXPECT_THAT(anonymous.body, HasSubstr("\"unauthenticated\""));
  const RawAnswer limited =
      Post("LendBook", "application/json",
           absl::StrCat("{\"failWith\":", errors::v1::RATE_LIMITED, "}"));
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited["retry-after"], "3");
}

TEST_P(GatewayRpcTest, GivesACallTheTimeThatItsProtocolSays) {
  const std::string token = absl::StrCat("Authorization: Bearer ",
                                         host_.TokenFor("members/ada"), "\r\n");
  const auto left = [&](absl::string_view field) {
    auto parsed = ParseJson(
        Post("GetReader", "application/json", "{}", absl::StrCat(token, field))
            .body);
    return std::stoi((*parsed.mutable_fields())["timeLeftMs"].string_value());
  };
  EXPECT_LE(left("Connect-Timeout-Ms: 2000\r\n"), 2'100);
  EXPECT_GT(left("Connect-Timeout-Ms: 200000\r\n"), 100'000);
  EXPECT_GT(left("Grpc-Timeout: 2M\r\n"), 100'000);
}

TEST_P(GatewayRpcTest, AnswersGrpcWeb) {
  for (const bool is_text : {false, true}) {
    const std::string type =
        is_text ? "application/grpc-web-text" : "application/grpc-web+proto";
    const std::string frame = Framed(EmmaRequest().SerializeAsString());
    RawAnswer answer =
        Post("GetBook", type, is_text ? absl::Base64Escape(frame) : frame);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer["content-type"], type);
    if (is_text) answer.body = Unescaped(answer.body);
    const auto frames = Frames(answer.body);
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0].first, 0);
    EXPECT_THAT(frames[0].second, HasSubstr("Emma"));
    EXPECT_EQ(frames[1].first, 0x80);
    EXPECT_EQ(frames[1].second, "grpc-status: 0\r\n");
  }
  const auto failed =
      Frames(Post("GetBook", "application/grpc-web", Framed("")).body);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_THAT(failed[0].second,
              StartsWith("grpc-status: 5\r\ngrpc-message: There is no such"));
}

TEST_P(GatewayRpcTest, StreamsInEnvelopes) {
  Add("shelves/a/books/f", "Foe", {});
  const auto connect = Frames(Post("WatchBooks", "application/connect+json",
                                   Framed(R"({"parent":"shelves/a"})"))
                                  .body);
  ASSERT_EQ(connect.size(), 3u);
  EXPECT_THAT(connect[0].second, HasSubstr("Emma"));
  EXPECT_THAT(connect[1].second, HasSubstr("Foe"));
  EXPECT_EQ(connect[2], std::make_pair(2, std::string("{}")));

  const RawAnswer broken =
      Post("WatchBooks", "application/connect+json",
           Framed(R"({"parent":"shelves/a","failAfter":1})"));
  EXPECT_EQ(broken.status, 200);
  EXPECT_TRUE(broken.complete);
  const auto frames = Frames(broken.body);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_THAT(frames[1].second, StartsWith(R"({"error":{"code":")"));

  const auto web = Frames(Post("WatchBooks", "application/grpc-web+json",
                               Framed(R"({"parent":"shelves/a"})"))
                              .body);
  ASSERT_EQ(web.size(), 3u);
  EXPECT_EQ(web[2], std::make_pair(0x80, std::string("grpc-status: 0\r\n")));
}

TEST_P(GatewayRpcTest, HoldsTheServiceBackWhenItsReaderIsSlow) {
  Add("shelves/a/books/emma", "Emma",
      {std::string(100'000'000, 'x'), "text/plain", "t"});
  books::DownloadTextRequest request;
  request.set_name("shelves/a/books/emma");
  const std::string body = Framed(request.SerializeAsString());
  RawClient client(port());
  client.Send(absl::StrCat("POST ", PathOf("DownloadText"),
                           " HTTP/1.1\r\nHost: h\r\nContent-Type: "
                           "application/connect+proto\r\nContent-Length: ",
                           body.size(), "\r\n\r\n", body));
  ASSERT_FALSE(client.ReadSome(100).empty());
  ExpectHeldBackBy(client);
}

TEST_P(GatewayRpcTest, RefusesWhatItDoesNotSpeak) {
  const RawAnswer type = Post("GetBook", "text/plain", "x");
  EXPECT_EQ(type.status, 415);
  EXPECT_THAT(type["accept-post"], HasSubstr("application/proto"));
  EXPECT_EQ(Post("GetBook", "application/connect+json", Framed("{}")).status,
            200);
  EXPECT_EQ(Post("WatchBooks", "application/json", "{}").status, 415);
  const RawAnswer coded =
      Post("GetBook", "application/json", "{}", "Content-Encoding: gzip\r\n");
  EXPECT_EQ(coded.status, 415);
  EXPECT_THAT(coded.body, HasSubstr("\"unimplemented\""));
  EXPECT_THAT(Post("GetBook", "application/grpc-web", Framed("x", 1)).body,
              HasSubstr("grpc-status: 12"));
  EXPECT_THAT(Post("UploadText", "application/connect+proto", Framed("")).body,
              HasSubstr("\"unimplemented\""));
  EXPECT_THAT(Post("GetBook", "application/json", kEmma,
                   "Connect-Protocol-Version: 2\r\n")
                  .body,
              HasSubstr("\"invalid_argument\""));
  EXPECT_EQ(Ask("PUT", PathOf("GetBook"))["allow"], "GET, HEAD, OPTIONS, POST");
}

TEST_P(GatewayRpcTest, TakesNoParametersButThoseOfConnect) {
  EXPECT_EQ(Post("GetBook?fields=nothing", "application/json", kEmma).status,
            200);
  EXPECT_EQ(Ask("GET", PathOf("GetBook?connect=v1&encoding=json&fields=nothing"
                              "&message=%7B%22name%22:%22shelves/a/books/emma"
                              "%22%7D"))
                .status,
            200);
}

// What is uploaded may be of any type, also of one that RPCs have.
TEST_P(GatewayRpcTest, AnswersRoutesAsHttpWhateverTheBodyIs) {
  for (absl::string_view type :
       {"application/proto", "application/connect+proto",
        "application/grpc-web", "application/grpc-web-text"}) {
    const RawAnswer answer =
        Ask("POST", "/v1/shelves/a/books/emma:upload?nothing=1",
            absl::StrCat("Content-Type: ", type, "\r\n"), "x");
    EXPECT_EQ(answer.status, 400) << type;
    EXPECT_EQ(ErrorOf(answer).reason, "URL_INVALID") << type;
  }
}

TEST_P(GatewayRpcTest, KnowsNoOtherMethods) {
  const RawAnswer connect = Post("NoSuchMethod", "application/proto", "",
                                 "Connect-Protocol-Version: 1\r\n");
  EXPECT_EQ(connect.status, 404);
  EXPECT_THAT(connect.body, HasSubstr("\"unimplemented\""));
  EXPECT_THAT(Post("NoSuchMethod", "application/grpc-web", Framed("")).body,
              HasSubstr("grpc-status: 12"));
  EXPECT_EQ(Ask("POST", "/grpc.health.v1.Health/Check",
                "Content-Type: application/json\r\n", "{}")
                .status,
            404);
}

TEST_P(GatewayRpcTest, RefusesMessagesThatAreTooLarge) {
  const RawAnswer json =
      Post("GetBook", "application/json", std::string((1 << 20) + 1, ' '));
  EXPECT_EQ(json.status, 413);
  EXPECT_THAT(json.body, HasSubstr("\"resource_exhausted\""));
  books::GetBookRequest request = EmmaRequest();
  request.GetReflection()->MutableUnknownFields(&request)->AddLengthDelimited(
      1000, std::string((4 << 20) - 100, 'x'));
  EXPECT_EQ(
      Post("GetBook", "application/proto", request.SerializeAsString()).status,
      200);
  EXPECT_THAT(Post("GetBook", "application/grpc-web",
                   Framed(std::string((4 << 20) + 1, 'x')))
                  .body,
              HasSubstr("grpc-status: 8"));
}

TEST_P(GatewayRpcTest, TellsErrorsAsProblemsToThoseWhoPreferThem) {
  const auto problem = [&](absl::string_view method, absl::string_view target,
                           absl::string_view body = "") {
    return Ask(method, target,
               "Accept: application/problem+json, application/json\r\n"
               "X-Request-Id: request-7\r\n",
               body);
  };
  const RawAnswer missing = problem("GET", "/v1/shelves/a/books/none");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing["content-type"], "application/problem+json");
  EXPECT_THAT(missing.body,
              AllOf(StartsWith(R"({"type":"urn:praxis:reason:RESOURCE_NOT)"),
                    HasSubstr(R"("requestId":"request-7")")));
  EXPECT_THAT(problem("GET", "/v2/nowhere").body,
              HasSubstr("\"ROUTE_NOT_FOUND\""));
  const RawAnswer method = problem("PUT", "/v1/shelves/a/books");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method["allow"], "GET, HEAD, OPTIONS, POST");
  EXPECT_THAT(method.body, StartsWith("{\"type\":"));
  const RawAnswer large =
      problem("POST", "/v1/shelves/a/books", std::string((1 << 20) + 1, ' '));
  EXPECT_EQ(large.status, 413);
  EXPECT_THAT(large.body, HasSubstr(R"("title":"Content Too Large")"));
  // Not an error, so not a problem.
  EXPECT_EQ(problem("GET", "/v1/shelves/a/books/emma")["content-type"],
            "application/json");
}

TEST_P(GatewayRpcTest, IsNotInTheDocument) {
  EXPECT_THAT(Ask("GET", "/openapi.json").body,
              Not(HasSubstr("LibraryService/GetBook")));
  EXPECT_EQ(Post("GetBook", "application/json", kEmma).status, 200);
  EXPECT_THAT(Ask("GET", "/metrics").body,
              HasSubstr(absl::StrCat("route=\"", PathOf("GetBook"),
                                     "\",method=\"POST\"")));
}

TEST_P(GatewayRpcTest, LetsPagesOfListedOriginsCall) {
  Start({.cors_origins = {"https://app.example"}});
  const RawAnswer preflight =
      Ask("OPTIONS", PathOf("GetBook"),
          "Origin: https://app.example\r\n"
          "Access-Control-Request-Method: POST\r\n"
          "Access-Control-Request-Headers: connect-protocol-version\r\n");
  EXPECT_EQ(preflight.status, 204);
  for (absl::string_view header :
       {"Connect-Protocol-Version", "Connect-Timeout-Ms", "Grpc-Timeout",
        "X-Grpc-Web", "X-User-Agent"}) {
    EXPECT_THAT(preflight["access-control-allow-headers"],
                HasSubstr(std::string(header)));
  }
  const RawAnswer large =
      Post("GetBook", "application/json", std::string((1 << 20) + 1, ' '),
           "Origin: https://app.example\r\n");
  EXPECT_EQ(large["access-control-allow-origin"], "https://app.example");
  EXPECT_THAT(large["access-control-expose-headers"], HasSubstr("Grpc-Status"));
}

}  // namespace
}  // namespace praxis::gateway
