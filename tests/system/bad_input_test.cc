// What is not as the contract says is refused with a stable reason, and leaves
// nothing behind.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/http_rule.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using google::rpc::INVALID_ARGUMENT;
using google::rpc::RESOURCE_EXHAUSTED;
using google::rpc::UNIMPLEMENTED;
using ::testing::HasSubstr;

// A request as it is sent, and how it must be refused.
struct BadRequest {
  std::string what;
  HttpRequest http;
  int status = 400;
  std::string reason;
};

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Ada has a public community with one thread.
class BadInputTest : public SuiteTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SuiteTest::SetUp());
    ada_ = std::make_unique<Person>(Register(suite(), Transport::kHttp, "ada"));
    community_ = Found(ada_->caller, "forge", events::v1::PUBLIC);
    thread_ = Ask(ada_->caller, community_, "A cold forge", "It will not draw.")
                  .name();
    newest_ = NewestEvents(suite());
  }

  // Nothing was written since the scene was set.
  void TearDown() override {
    EXPECT_EQ(NewestEvents(suite()), newest_);
    SuiteTest::TearDown();
  }

  HttpRequest Post(const std::string& target, const std::string& body) const {
    return {.method = "POST",
            .target = target,
            .token = ada_->caller.token(),
            .body = body};
  }
  HttpRequest Get(const std::string& target) const {
    return {.target = target, .token = ada_->caller.token()};
  }

  void ExpectRefused(const std::vector<BadRequest>& all) {
    const HttpClient client(suite().http_port());
    for (const BadRequest& bad : all) {
      const HttpResponse response = client.Send(bad.http);
      EXPECT_EQ(response.status, bad.status)
          << bad.what << ": " << response.error << response.body;
      const Answer answer = AnswerOfBody(response);
      EXPECT_EQ(answer.reason, bad.reason) << bad.what << ": " << answer;
    }
  }

  std::unique_ptr<Person> ada_;
  std::string community_;
  std::string thread_;
  std::map<std::string, int64_t> newest_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, BadInputTest, BothShapes(), NameOfShape);

TEST_P(BadInputTest, RefusesBodiesThatAreNoJsonOfTheMessage) {
  const std::string rest =
      R"("kind": "PROBLEM_SOLVING", "title": "A title", "body": "Words")";
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {"an unknown field", "{" + rest + R"(, "colour": "red"})"},
      {"an unknown field in a message",
       "{" + rest + R"(, "outcome": {"solution": {"how": "x"}}})"},
      {"a number for a text", R"({"title": 7})"},
      {"an object for a text", R"({"title": {}})"},
      {"a list for a text", R"({"title": ["A title"]})"},
      {"a value that the enumeration lacks", R"({"kind": "NO_SUCH_KIND"})"},
      {"a fraction for an enumeration", R"({"kind": 1.5})"},
      {"a text for a message", R"({"outcome": "done"})"},
      {"a wrong time", R"({"createTime": "yesterday"})"},
      {"a fraction for a whole number", R"({"postCount": 1.5})"},
      {"a number that is too large", R"({"postCount": 2147483648})"},
      {"a list for the whole", "[]"},
      {"a text for the whole", R"("thread")"},
      {"a field twice", "{" + rest + R"(, "title": "Another"})"},
      {"a field in both spellings",
       R"({"postCount": 1, "post_count": 1, )" + rest + "}"},
      {"two of a oneof",
       R"({"outcome": {"solution": {}, "answer": {}}, )" + rest + "}"},
      {"bytes that are no UTF-8", "{\"title\": \"A \xff title\"}"},
      {"UTF-8 that is too long", "{\"title\": \"A \xc0\xaf title\"}"},
      {"UTF-8 of a surrogate", "{\"title\": \"A \xed\xa0\x80 title\"}"},
      {"half a surrogate pair", R"({"title": "A \ud800 title"})"},
      {"a wrong escape", R"({"title": "A \x41 title"})"},
      {"a control character", "{\"title\": \"A\ntitle\"}"},
      {"a key without quotes", R"({title: "A title"})"},
      {"single quotes", R"({'title': 'A title'})"},
      {"a comma too many", R"({"title": "A title",})"},
      {"a comment", R"({"title": "A title" /* so */})"},
      {"no number", R"({"postCount": NaN})"},
      {"an end too early", R"({"title": "A ti)"},
      {"something after the end", "{" + rest + "} {}"},
      {"a byte order mark", "\xef\xbb\xbf{" + rest + "}"},
      {"a hundred thousand brackets", Repeated("[", 100'000)},
      {"ninety thousand objects", Repeated(R"({"outcome":)", 90'000)},
      {"text that is no JSON", "title=A+title"}};
  std::vector<BadRequest> all;
  for (const auto& [what, body] : bodies) {
    all.push_back({what,
                   Post(absl::StrCat("/v1/", community_, "/threads"), body),
                   400, "BODY_INVALID"});
  }
  ExpectRefused(all);
}

TEST_P(BadInputTest, RefusesBodiesThatAreTooLarge) {
  const std::string target = absl::StrCat("/v1/", community_, "/threads");
  const std::string huge =
      absl::StrCat(R"({"title": ")", std::string(1 << 20, 'x'), R"("})");
  HttpRequest chunked = Post(target, huge);
  chunked.fields = {"Transfer-Encoding: chunked"};
  HttpRequest field = Post(
      target, absl::StrCat(R"({"kind": "VISIT", "title": "A title", "body": ")",
                           std::string(65537, 'x'), R"("})"));
  ExpectRefused({{"more than a MiB", Post(target, huge), 413, "TOO_LARGE"},
                 {"more than a MiB in chunks", chunked, 413, "TOO_LARGE"},
                 {"a field of 65,537 bytes", field, 400, "FIELD_INVALID"}});
}

TEST_P(BadInputTest, RefusesOtherMediaTypes) {
  const std::string target = absl::StrCat("/v1/", community_, "/threads");
  HttpRequest text = Post(target, "{}");
  text.content_type = "text/plain";
  HttpRequest form = Post(target, "title=A+title");
  form.content_type = "application/x-www-form-urlencoded";
  HttpRequest gzip = Post(target, "{}");
  gzip.fields = {"Content-Encoding: gzip"};
  constexpr char kReason[] = "MEDIA_TYPE_UNSUPPORTED";
  ExpectRefused({{"text", text, 415, kReason},
                 {"a form", form, 415, kReason},
                 {"a compressed body", gzip, 415, kReason}});
}

TEST_P(BadInputTest, NamesTheFieldThatBreaksItsRules) {
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {"thread.kind", R"({"title": "A title", "body": "Words"})"},
      {"thread.title", R"({"kind": "VISIT", "body": "Words"})"},
      {"thread.title", R"({"kind": "VISIT", "title": "ab", "body": "Words"})"},
      {"thread.title",
       R"({"kind": "VISIT", "title": "A\u0000title", "body": "Words"})"},
      {"thread.title",
       absl::StrCat(R"({"kind": "VISIT", "body": "Words", "title": ")",
                    std::string(10'000, 'x'), R"("})")},
      {"thread.kind", R"({"kind": 99, "title": "A title", "body": "Words"})"},
      {"thread.body", R"({"kind": "VISIT", "title": "A title"})"},
      {"thread.body",
       R"({"kind": "VISIT", "title": "A title", "body": "\u0007"})"}};
  const HttpClient client(suite().http_port());
  for (const auto& [field, body] : bodies) {
    const HttpResponse response =
        client.Send(Post(absl::StrCat("/v1/", community_, "/threads"), body));
    EXPECT_EQ(response.status, 400);
    const Answer answer = AnswerOfBody(response);
    EXPECT_EQ(answer.reason, "FIELD_INVALID") << answer;
    EXPECT_THAT(response.body,
                HasSubstr("type.googleapis.com/google.rpc.BadRequest"));
    EXPECT_THAT(response.body,
                HasSubstr(absl::StrCat("\"field\":\"", field, "\"")));
  }
}

TEST_P(BadInputTest, KnowsNoOtherRoutes) {
  std::vector<BadRequest> all;
  for (const std::string& target :
       {std::string("/"), std::string("/v1"), std::string("/v1/"),
        std::string("/v1/nothing"), std::string("/v2/communities"),
        std::string("/V1/communities"), std::string("//v1/communities"),
        std::string("/v1//communities"), std::string("/v1/communities/"),
        std::string("/v1/communities:search"),
        std::string("/v1/../v1/communities"),
        std::string("/MemberService/GetMember"),
        absl::StrCat("/v1/", thread_, "/posts/a/b")}) {
    all.push_back({target, Get(target), 404, "ROUTE_NOT_FOUND"});
  }
  ExpectRefused(all);
}

// Told as Connect tells it. Events are between services, not for the web.
TEST_P(BadInputTest, KnowsNoOtherRpcs) {
  const HttpClient client(suite().http_port());
  for (const char* target : {"/praxis.members.v1.MemberService/Nothing",
                             "/praxis.events.v1.EventService/ReadEvents"}) {
    const HttpResponse response = client.Send(Get(target));
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_THAT(response.body,
                ::testing::HasSubstr("\"code\":\"unimplemented\""))
        << target;
  }
}

TEST_P(BadInputTest, TellsTheMethodsThatAPathTakes) {
  const std::vector<std::tuple<std::string, std::string, std::string>> wrong = {
      {"DELETE", "/v1/communities", "GET, HEAD, OPTIONS, POST"},
      {"PUT", absl::StrCat("/v1/", community_), "GET, HEAD, OPTIONS, PATCH"},
      {"GET", "/v1/sessions", "OPTIONS, POST"},
      {"GET", absl::StrCat("/v1/", thread_, ":resolve"), "OPTIONS, POST"},
      {"POST", absl::StrCat("/v1/", thread_), "GET, HEAD, OPTIONS"},
      {"BREW", "/v1/jwks", "GET, HEAD, OPTIONS"},
      {"POST", "/metrics", "GET, HEAD, OPTIONS"}};
  const HttpClient client(suite().http_port());
  for (const auto& [method, target, allow] : wrong) {
    const HttpResponse response = client.Send(
        {.method = method, .target = target, .token = ada_->caller.token()});
    EXPECT_EQ(response.status, 405) << method << " " << target;
    EXPECT_EQ(response["allow"], allow) << method << " " << target;
    EXPECT_EQ(AnswerOfBody(response).reason, "METHOD_NOT_ALLOWED");
  }
}

TEST_P(BadInputTest, RefusesNamesThatAreNone) {
  const std::vector<std::string> ids = {"..",
                                        "../../etc/passwd",
                                        std::string("a\0b", 3),
                                        std::string(1, '\0'),
                                        std::string(8'000, 'a'),
                                        std::string(65, 'a'),
                                        "Forge",
                                        "a b",
                                        "a:explode",
                                        "a\r\nX-Evil: 1",
                                        "\xff\xfe",
                                        "' OR 1=1 --",
                                        "%2e%2e"};
  Caller grpc(suite(), Transport::kGrpc, ada_->caller.token());
  std::vector<BadRequest> all;
  for (const std::string& id : ids) {
    const bool is_text = id != "\xff\xfe";
    std::string segment = Encoded(id);
    // A slash that belongs to the name.
    segment = absl::StrReplaceAll(segment, {{"/", "%2F"}});
    all.push_back({segment, Get(absl::StrCat("/v1/communities/", segment)), 400,
                   is_text ? "FIELD_INVALID" : "URL_INVALID"});
    all.push_back({segment,
                   Post(absl::StrCat("/v1/communities/", segment, "/threads"),
                        R"({"kind": "VISIT", "title": "A title",
                                     "body": "Words"})"),
                   400, is_text ? "FIELD_INVALID" : "URL_INVALID"});
    if (!is_text) continue;
    EXPECT_THAT(grpc.Try(Of<members::v1::GetCommunityRequest>(
                    absl::StrCat("communities/", id))),
                Refused(INVALID_ARGUMENT, "FIELD_INVALID"))
        << segment;
    auto create = In<discussions::v1::CreateThreadRequest>(
        absl::StrCat("communities/", id));
    create.mutable_thread()->set_title("A title");
    EXPECT_THAT(grpc.Try(create), Refused(INVALID_ARGUMENT, "FIELD_INVALID"))
        << segment;
  }
  ExpectRefused(all);
}

TEST_P(BadInputTest, RefusesUrlsAndHeadersItCannotRead) {
  const std::string threads = absl::StrCat("/v1/", community_, "/threads");
  HttpRequest timeout = Get(threads);
  timeout.fields = {"X-Request-Timeout: soon"};
  HttpRequest long_timeout = Get(threads);
  long_timeout.fields = {"X-Request-Timeout: 301"};
  HttpRequest basic = {.target = "/v1/members/me",
                       .fields = {"Authorization: Basic YWRhOmFkYQ=="}};
  HttpRequest body_of_get = Get(threads);
  body_of_get.body = "{}";
  ExpectRefused(
      {{"a wrong escape", Get("/v1/communities/%zz"), 400, "URL_INVALID"},
       {"half an escape", Get("/v1/communities/%a"), 400, "URL_INVALID"},
       {"an unknown parameter", Get(threads + "?colour=red"), 400,
        "URL_INVALID"},
       {"a parameter twice", Get(threads + "?pageSize=1&page_size=2"), 400,
        "URL_INVALID"},
       {"no number", Get(threads + "?pageSize=many"), 400, "URL_INVALID"},
       {"a parameter of the path", Get(threads + "?parent=communities/x"), 400,
        "URL_INVALID"},
       {"a parameter that is no UTF-8", Get(threads + ":search?query=%ff"), 400,
        "URL_INVALID"},
       {"a negative page", Get(threads + "?pageSize=-1"), 400, "FIELD_INVALID"},
       {"no query", Get(threads + ":search"), 400, "FIELD_INVALID"},
       {"half a phrase", Get(threads + ":search?query=%22half"), 400,
        "QUERY_INVALID"},
       {"a timeout in words", timeout, 400, "HEADER_INVALID"},
       {"a timeout that is too long", long_timeout, 400, "HEADER_INVALID"},
       {"another scheme", basic, 401, "TOKEN_INVALID"},
       {"a body where none goes", body_of_get, 400, "BODY_INVALID"}});
}

TEST_P(BadInputTest, RefusesMasksOfWhatCannotBeSet) {
  std::vector<BadRequest> all;
  for (const char* mask :
       {"name", "etag", "createTime", "author", "noSuchField", "name.x"}) {
    HttpRequest http =
        Post(absl::StrCat("/v1/", community_, "?updateMask=", mask), "{}");
    http.method = "PATCH";
    all.push_back({mask, http, 400, "MASK_INVALID"});
  }
  ExpectRefused(all);
}

TEST_P(BadInputTest, RefusesWireBytesThatAreNotTheMessage) {
  GrpcClient grpc;
  const auto& method = MethodOf(discussions::v1::CreateThreadRequest());
  const std::string address =
      suite().GrpcAddressOf(method.service()->full_name());
  const Metadata bearer = BearerOf(ada_->caller.token());
  auto request = In<discussions::v1::CreateThreadRequest>(community_);
  const std::string whole = request.SerializeAsString();

  // A length that goes beyond the end; bytes that are no field; a title that
  // is no UTF-8.
  for (const std::string& bytes :
       {whole.substr(0, whole.size() - 1), std::string("\xff\xff\xff\xff"),
        whole + std::string("\x12\x04\x1a\x02\xff\xfe", 6)}) {
    EXPECT_THAT(grpc.Unary(address, PathOf(method), bytes, bearer),
                Refused(INVALID_ARGUMENT, "MESSAGE_INVALID"));
  }
  request.mutable_thread()->set_body(std::string((4 << 20) + 1, 'x'));
  EXPECT_THAT(
      grpc.Unary(address, PathOf(method), request.SerializeAsString(), bearer),
      Refused(RESOURCE_EXHAUSTED, "TOO_LARGE"));
  // What is larger still gRPC refuses by itself, without a reason of ours.
  request.mutable_thread()->set_body(std::string(5 << 20, 'x'));
  EXPECT_EQ(
      grpc.Unary(address, PathOf(method), request.SerializeAsString(), bearer)
          .code,
      RESOURCE_EXHAUSTED);
  for (const std::string path :
       {"/praxis.members.v1.MemberService/NoSuchMethod", "/no.such.Service/Get",
        "/"}) {
    EXPECT_THAT(grpc.Unary(address, path, "", bearer),
                Refused(UNIMPLEMENTED, "METHOD_UNKNOWN"))
        << path;
  }
}

}  // namespace
}  // namespace praxis::system
