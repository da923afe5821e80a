// What an operator sees: probes, metrics, version, API description, logs.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "re2/re2.h"
#include "tests/system/http_rule.h"
#include "tests/system/json.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using google::protobuf::MethodDescriptor;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OperationsTest : public SuiteTest {
 protected:
  HttpResponse Get(const std::string& target) const {
    return HttpClient(suite().http_port()).Get(target);
  }

  // What all processes expose, one text after the other.
  std::string Metrics() const {
    std::string all;
    for (const int port : suite().metrics_ports()) {
      const HttpResponse response = HttpClient(port).Get("/metrics");
      EXPECT_EQ(response.status, 200);
      EXPECT_TRUE(absl::StartsWith(response["content-type"], "text/plain"));
      absl::StrAppend(&all, response.body, "\n");
    }
    return all;
  }

  // "name{labels}" of every series, the labels sorted, and its value; summed
  // over the processes.
  std::map<std::string, double> Series() const {
    std::map<std::string, double> series;
    for (const absl::string_view line : absl::StrSplit(Metrics(), '\n')) {
      if (line.empty() || line[0] == '#') continue;
      const size_t space = line.rfind(' ');
      double value = 0;
      EXPECT_TRUE(absl::SimpleAtod(line.substr(space + 1), &value)) << line;
      series[Sorted(line.substr(0, space))] += value;
    }
    return series;
  }

  static std::string Sorted(absl::string_view series) {
    const size_t brace = series.find('{');
    if (brace == series.npos) return std::string(series);
    std::vector<std::string> labels;
    re2::StringPiece rest(series.data() + brace + 1, series.size() - brace - 1);
    std::string label;
    while (RE2::Consume(&rest, R"re(,?(\w+="[^"]*"))re", &label)) {
      labels.push_back(label);
    }
    EXPECT_EQ(rest, "}") << series;
    std::sort(labels.begin(), labels.end());
    return absl::StrCat(series.substr(0, brace), "{",
                        absl::StrJoin(labels, ","), "}");
  }
};

INSTANTIATE_TEST_SUITE_P(Shapes, OperationsTest, BothShapes(), NameOfShape);

TEST_P(OperationsTest, AnswersProbes) {
  for (const char* page : {"/livez", "/readyz", "/healthz"}) {
    const HttpResponse response = Get(page);
    EXPECT_EQ(response.status, 200) << page;
    EXPECT_EQ(response.body, "ok") << page;
    EXPECT_EQ(response["cache-control"], "no-store") << page;
  }
  const std::string health = Get("/healthz?verbose").body;
  for (const char* backend : {"members", "discussions", "resources"}) {
    EXPECT_THAT(health, HasSubstr(absl::StrCat("[+]", backend, " ok\n")));
  }
  EXPECT_THAT(health, HasSubstr("healthz check passed\n"));
  EXPECT_THAT(Get("/readyz?verbose").body, HasSubstr("[+]shutdown ok\n"));
}

TEST_P(OperationsTest, TellsItsVersion) {
  const std::optional<Json> version = ParseJson(Get("/version").body);
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(TextAt(*version, "name"),
            GetParam() == Shape::kOneProcess ? "praxis" : "praxis-gateway");
  EXPECT_NE(TextAt(*version, "version"), "");
}

TEST_P(OperationsTest, CountsEveryRpcByMethodAndCode) {
  Person ada = Register(suite(), Transport::kHttp, "ada");
  auto before = Series();
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(ada.caller.Try(Of<members::v1::GetMemberRequest>("members/me")),
                Answered());
    EXPECT_THAT(ada.caller.Try(Of<discussions::v1::GetThreadRequest>(
                    "communities/none-such/threads/none")),
                Not(Answered()));
  }
  auto after = Series();
  for (const char* series :
       {"grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"GetMember\","
        "grpc_service=\"praxis.members.v1.MemberService\","
        "grpc_type=\"unary\"}",
        "grpc_server_handled_total{grpc_code=\"NotFound\","
        "grpc_method=\"GetThread\","
        "grpc_service=\"praxis.discussions.v1.ThreadService\","
        "grpc_type=\"unary\"}",
        "grpc_server_handling_seconds_count{grpc_method=\"GetThread\","
        "grpc_service=\"praxis.discussions.v1.ThreadService\","
        "grpc_type=\"unary\"}",
        "praxis_gateway_requests_total{code=\"2xx\",method=\"GET\","
        "route=\"/v1/{name=members/*}\",upstream=\"praxis.members.v1\"}",
        "praxis_gateway_request_seconds_count{method=\"GET\","
        "route=\"/v1/{name=members/*}\",upstream=\"praxis.members.v1\"}"}) {
    EXPECT_EQ(after.count(series), 1) << series;
    EXPECT_EQ(after[series] - before[series], 5) << series;
  }
  for (const MethodDescriptor* method : ContractMethods()) {
    const char* type = method->client_streaming()   ? "client_stream"
                       : method->server_streaming() ? "server_stream"
                                                    : "unary";
    const std::string labels = absl::StrCat(
        "{grpc_method=\"", method->name(), "\",grpc_service=\"",
        method->service()->full_name(), "\",grpc_type=\"", type, "\"}");
    EXPECT_EQ(after.count("grpc_server_started_total" + labels), 1) << labels;
    EXPECT_EQ(after.count("grpc_server_handling_seconds_sum" + labels), 1);
  }
  EXPECT_EQ(after.count("process_resident_memory_bytes"), 1);
}

// However many people, objects and wrong paths there are, there are no more
// series for it, and none names one of them.
TEST_P(OperationsTest, KeepsTheLabelsBounded) {
  Person ada = Register(suite(), Transport::kHttp, "zinnia");
  const HttpClient client(suite().http_port());
  const auto round = [&](const std::string& word) {
    const std::string community = Found(ada.caller, word, events::v1::PUBLIC);
    const auto thread = Ask(ada.caller, community, word + " title", "Words");
    for (int i = 0; i < 20; ++i) {
      client.Get(absl::StrCat("/", word, i, "?", word, "=", i));
      client.Get(absl::StrCat("/v1/", thread.name()), ada.caller.token());
      client.Get(absl::StrCat("/v1/communities/", word, "-none-", i));
      client.Send({.method = absl::StrCat("X", word, i),
                   .target = "/v1/communities",
                   .fields = {absl::StrCat("User-Agent: ", word, i)}});
    }
    return Series();
  };
  const auto first = round("zinnia");
  for (const auto& [series, value] : round("aster")) {
    EXPECT_EQ(first.count(series), 1) << "is new: " << series;
    EXPECT_THAT(series, Not(AnyOf(HasSubstr("zinnia"), HasSubstr("aster"),
                                  HasSubstr(ada.name))));
  }
}

std::vector<std::string> LinesOf(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

// All "$ref" of a document.
void CollectRefs(const Json& json, std::set<std::string>* refs) {
  for (const auto& [name, member] : json.struct_value().fields()) {
    if (name == "$ref") refs->insert(member.string_value());
    CollectRefs(member, refs);
  }
  for (const Json& item : json.list_value().values()) CollectRefs(item, refs);
}

TEST_P(OperationsTest, DescribesEveryRouteInOpenApi) {
  const HttpResponse response = Get("/openapi.json");
  EXPECT_EQ(response["content-type"], "application/json");
  const std::optional<Json> document = ParseJson(response.body);
  ASSERT_TRUE(document.has_value());
  EXPECT_TRUE(absl::StartsWith(TextAt(*document, "openapi"), "3.1."));
  std::set<std::string> described;
  std::set<std::string> operations;
  for (const auto& [path, item] :
       At(*document, "paths")->struct_value().fields()) {
    std::string plain = path;
    RE2::GlobalReplace(&plain, R"(\{[^}]*\})", "*");
    for (const auto& [verb, operation] : item.struct_value().fields()) {
      described.insert(absl::StrCat(absl::AsciiStrToUpper(verb), " ", plain));
      EXPECT_TRUE(operations.insert(TextAt(operation, "operationId")).second);
      EXPECT_NE(At(operation, "responses.default"), nullptr) << path;
    }
  }
  std::set<std::string> ruled;
  for (const MethodDescriptor* method : ContractMethods()) {
    for (const auto& rule : BindingsOf(*method)) {
      ruled.insert(absl::StrCat(VerbOf(rule), " ", PlainTemplateOf(rule)));
    }
  }
  EXPECT_EQ(described, ruled);
  std::set<std::string> refs;
  CollectRefs(*document, &refs);
  EXPECT_THAT(refs, Not(IsEmpty()));
  for (const std::string& ref : refs) {
    const std::vector<std::string> parts = absl::StrSplit(ref, '/');
    ASSERT_EQ(parts.size(), 4) << ref;
    const Json* kind = At(*document, absl::StrCat("components.", parts[2]));
    ASSERT_NE(kind, nullptr) << ref;
    EXPECT_TRUE(kind->struct_value().fields().contains(parts[3])) << ref;
  }
}

TEST_P(OperationsTest, TracesARequestThroughItsLogs) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const std::string id = Unique("system-test");
  const HttpResponse response =
      HttpClient(suite().http_port())
          .Send({.target = "/v1/communities/-/threads",
                 .fields = {absl::StrCat("X-Request-Id: ", id),
                            absl::StrCat("traceparent: 00-", trace,
                                         "-b7ad6b7169203331-01")}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response["x-request-id"], id);
  // Lines are written a few milliseconds later.
  const auto said = [&] {
    for (const std::string& line :
         LinesOf(suite().process("discussions").Log())) {
      const std::optional<Json> json = ParseJson(line);
      if (json.has_value() && TextAt(*json, "request_id") == id &&
          TextAt(*json, "trace_id") == trace) {
        return true;
      }
    }
    return false;
  };
  EXPECT_TRUE(Eventually(said, absl::Seconds(10)));
}

// Everything secret that one person has to do with, in good calls and bad ones.
TEST_P(OperationsTest, LogsJsonLinesWithoutASecret) {
  Person eve = Register(suite(), Transport::kHttp, "eve");
  Caller nobody(suite(), Transport::kHttp);
  members::v1::CreateSessionRequest sign_in;
  sign_in.set_handle(eve.handle);
  sign_in.set_password("a wrong canary-password");
  EXPECT_THAT(nobody.Try(sign_in), Not(Answered()));
  members::v1::RefreshSessionRequest refresh;
  refresh.set_refresh_token(eve.refresh_token);
  const auto session = nobody.Call<members::v1::SessionTokens>(refresh);
  nobody.With("canary-token")
      .Try(Of<members::v1::GetMemberRequest>("members/me"));
  const HttpClient client(suite().http_port());
  for (const std::string body :
       {R"({"handle": "eve", "password": ["canary-password"]})",
        R"({"handle": "eve", "password": "canary-password", "x": 1})",
        R"({"handle": "eve", "password": "canary-password)",
        R"({"handle": "eve", "passwords": "canary-password"})"}) {
    client.Send({.method = "POST",
                 .target = "/v1/sessions?password=canary-password",
                 .body = body});
    client.Send({.method = "POST", .target = "/v1/sessions", .body = body});
  }
  client.Get("/v1/members/me?access_token=canary-token");
  EXPECT_EQ(client.Get("/v1/members/me", session.access_token()).status, 200);

  const std::vector<std::string> secrets = {
      eve.password, eve.caller.token(), eve.refresh_token,
      session.access_token(), session.refresh_token(), "canary-password",
      "canary-token", suite().Secret("service_credential"),
      // The first line of the key itself.
      LinesOf(suite().Secret("signing_key.pem"))[1]};
  std::string everything = Metrics();
  for (const Process* process : suite().processes()) {
    const std::string log = process->Log();
    for (const std::string& line : LinesOf(log)) {
      const std::optional<Json> json = ParseJson(line);
      ASSERT_TRUE(json.has_value()) << process->name() << ": " << line;
      for (const char* field : {"time", "severity", "service", "message"}) {
        EXPECT_NE(TextAt(*json, field), "") << line;
      }
    }
    everything += log;
  }
  for (const std::string& secret : secrets) {
    ASSERT_GT(secret.size(), 10);
    EXPECT_THAT(everything, Not(HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace praxis::system
