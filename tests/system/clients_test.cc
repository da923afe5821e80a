// Clients that nobody here wrote: curl, buf curl, @grpc/grpc-js,
// @connectrpc/connect-node and Chromium read, write, stream and understand
// every error.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/client_script.h"
#include "tests/system/json.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

constexpr size_t kFileBytes = 700'000;
constexpr char kThreads[] = "praxis.discussions.v1.ThreadService";
constexpr char kResources[] = "praxis.resources.v1.ResourceService";

// What a script of clients/ says of each of its calls.
std::map<std::string, Json> CallsOf(const Suite& suite,
                                    const std::string& script,
                                    const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {
      "node", absl::StrCat("tests/system/clients/", script)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const ScriptRun run = RunClient(suite, Unique("client"), command);
  EXPECT_THAT(run.exit_code, Optional(0)) << run.said;
  std::map<std::string, Json> calls;
  for (absl::string_view line :
       absl::StrSplit(run.wrote, '\n', absl::SkipEmpty())) {
    const auto json = ParseJson(line);
    EXPECT_TRUE(json.has_value()) << line;
    if (json.has_value()) calls[TextAt(*json, "call")] = *json;
  }
  return calls;
}

// Ada has a public community with a thread and a file.
class ClientsTest : public SuiteTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SuiteTest::SetUp());
    ada_ = std::make_unique<Person>(Register(suite(), Transport::kHttp, "ada"));
    community_ = Found(ada_->caller, "shop", events::v1::PUBLIC);
    thread_ =
        Ask(ada_->caller, community_, "A dull cutter", "It burns.").name();
    resource_ = AddFile(ada_->caller, community_, "A file").name();
    EXPECT_THAT(ada_->caller.Upload(resource_, {"a.txt", "text/plain",
                                                std::string(kFileBytes, 'x')}),
                Answered());
  }

  std::string Base() const {
    return absl::StrCat("http://127.0.0.1:", suite().http_port());
  }
  std::string BearerField() const {
    return absl::StrCat("Authorization: Bearer ", ada_->caller.token());
  }

  ScriptRun Run(const std::vector<std::string>& command) {
    return RunClient(suite(), Unique("client"), command);
  }

  // The body of what curl got, and the status behind it.
  std::string Curl(std::vector<std::string> arguments) {
    std::vector<std::string> command = {"curl", "-sS", "-w", "\n%{http_code}"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const ScriptRun run = Run(command);
    EXPECT_THAT(run.exit_code, Optional(0)) << run.said;
    return run.wrote;
  }

  // Calls with buf curl, which exits with eight times the code of a failure.
  ScriptRun Buf(const std::string& protocol, const std::string& base,
                const std::string& method, const std::string& json,
                std::vector<std::string> flags) {
    std::vector<std::string> command = {"tests/tools/node_modules/.bin/buf",
                                        "curl",
                                        "--protocol",
                                        protocol,
                                        "-d",
                                        json,
                                        absl::StrCat(base, "/", method)};
    command.insert(command.end(), flags.begin(), flags.end());
    return Run(command);
  }
  void BufReadsAndFails(const std::string& protocol,
                        const std::string& discussions,
                        const std::string& resources,
                        const std::string& schema);

  // Codes are spelt as the client has them.
  static void ExpectAll(std::map<std::string, Json> calls,
                        const std::string& wrote,
                        const std::map<std::string, std::string>& codes);

  std::unique_ptr<Person> ada_;
  std::string community_;
  std::string thread_;
  std::string resource_;
};

INSTANTIATE_TEST_SUITE_P(Shapes, ClientsTest, BothShapes(), NameOfShape);

TEST_P(ClientsTest, CurlReadsAndWritesJson) {
  EXPECT_THAT(
      Curl({absl::StrCat(Base(), "/v1/", thread_)}),
      AllOf(HasSubstr("\"title\":\"A dull cutter\""), HasSubstr("\n200")));
  EXPECT_THAT(
      Curl({absl::StrCat(Base(), "/v1/", community_, "/threads"), "-H",
            BearerField(), "--json",
            R"({"kind":"PROBLEM_SOLVING","title":"By curl","body":"Hm."})"}),
      AllOf(HasSubstr("\"title\":\"By curl\""), HasSubstr("\n200")));
  EXPECT_THAT(Curl({absl::StrCat(Base(), "/v1/", thread_, "0")}),
              AllOf(HasSubstr("{\"error\":{\"code\":404"), HasSubstr("\n404")));
  EXPECT_THAT(Curl({absl::StrCat(Base(), "/v1/", thread_, "0"), "-H",
                    "Accept: application/problem+json"}),
              AllOf(HasSubstr("{\"type\":\"urn:praxis:reason:RESOURCE_NOT"),
                    HasSubstr("\n404")));
}

TEST_P(ClientsTest, CurlSpeaksConnect) {
  const std::string read = absl::StrCat(Base(), "/", kThreads, "/GetThread");
  EXPECT_THAT(
      Curl({read, "--json", absl::StrCat("{\"name\":\"", thread_, "\"}")}),
      HasSubstr("\"title\":\"A dull cutter\""));
  EXPECT_THAT(Curl({"-G", read, "--data-urlencode", "connect=v1",
                    "--data-urlencode", "encoding=json", "--data-urlencode",
                    absl::StrCat("message={\"name\":\"", thread_, "\"}")}),
              HasSubstr("\"title\":\"A dull cutter\""));
  EXPECT_THAT(Curl({read, "--json", "{}"}),
              AllOf(HasSubstr("{\"code\":\""), HasSubstr("\"message\":")));
}

// Reads, reads what is not there, and streams a file.
void ClientsTest::BufReadsAndFails(const std::string& protocol,
                                   const std::string& discussions,
                                   const std::string& resources,
                                   const std::string& schema) {
  const std::vector<std::string> flags =
      schema.empty() ? std::vector<std::string>{"--http2-prior-knowledge"}
                     : std::vector<std::string>{"--schema", schema};
  const auto named = [](const std::string& name) {
    return absl::StrCat("{\"name\":\"", name, "\"}");
  };
  const std::string get_thread = absl::StrCat(kThreads, "/GetThread");
  const ScriptRun read =
      Buf(protocol, discussions, get_thread, named(thread_), flags);
  EXPECT_THAT(read.exit_code, Optional(0)) << read.said;
  EXPECT_THAT(read.wrote, HasSubstr("A dull cutter"));
  const ScriptRun missing =
      Buf(protocol, discussions, get_thread, named(thread_ + "0"), flags);
  EXPECT_THAT(missing.exit_code, Optional(5 * 8));
  EXPECT_THAT(missing.said,
              AllOf(HasSubstr("not_found"), HasSubstr("google.rpc.ErrorInfo")));
  const ScriptRun stream =
      Buf(protocol, resources, absl::StrCat(kResources, "/DownloadResource"),
          named(resource_), flags);
  EXPECT_THAT(stream.exit_code, Optional(0)) << stream.said;
  // In base64, with a few braces around.
  EXPECT_GT(stream.wrote.size(), kFileBytes / 3 * 4);
}

TEST_P(ClientsTest, BufSpeaksConnect) {
  BufReadsAndFails("connect", Base(), Base(), PRAXIS_IMAGE);
}

TEST_P(ClientsTest, BufSpeaksGrpcWeb) {
  BufReadsAndFails("grpcweb", Base(), Base(), PRAXIS_IMAGE);
}

// By reflection: it is told nothing but where the services are.
TEST_P(ClientsTest, BufSpeaksGrpc) {
  BufReadsAndFails(
      "grpc", absl::StrCat("http://", suite().GrpcAddressOf(kThreads)),
      absl::StrCat("http://", suite().GrpcAddressOf(kResources)), "");
}

void ClientsTest::ExpectAll(std::map<std::string, Json> calls,
                            const std::string& wrote,
                            const std::map<std::string, std::string>& codes) {
  EXPECT_EQ(TextAt(calls["read"], "ok"), "A dull cutter");
  EXPECT_EQ(TextAt(calls["write"], "ok"), wrote);
  EXPECT_EQ(NumberAt(calls["stream"], "ok.bytes"), kFileBytes);
  EXPECT_TRUE(At(calls["stream"], "ok.streamed") != nullptr &&
              At(calls["stream"], "ok.streamed")->bool_value());
  EXPECT_EQ(TextAt(calls["watch"], "ok.type"), "thread.created");
  EXPECT_TRUE(At(calls["watch"], "ok.begun") != nullptr &&
              At(calls["watch"], "ok.begun")->bool_value());
  const std::map<std::string, std::string> reasons = {
      {"missing", "RESOURCE_NOT_FOUND"},
      {"anonymous", "TOKEN_MISSING"},
      {"invalid", "FIELD_INVALID"},
      {"stream-missing", "RESOURCE_NOT_FOUND"},
      {"watch-missing", "RESOURCE_NOT_FOUND"}};
  for (const auto& [call, reason] : reasons) {
    EXPECT_EQ(TextAt(calls[call], "reason"), reason) << call;
    EXPECT_EQ(TextAt(calls[call], "code"), codes.at(reason)) << call;
  }
}

TEST_P(ClientsTest, ConnectNodeSpeaksConnectAndGrpcWeb) {
  const std::map<std::string, std::string> codes = {
      {"RESOURCE_NOT_FOUND", "NotFound"},
      {"TOKEN_MISSING", "Unauthenticated"},
      {"FIELD_INVALID", "InvalidArgument"}};
  const std::vector<std::pair<std::string, std::string>> dialects = {
      {"connect", "json"},      {"connect", "proto"}, {"connect-get", "json"},
      {"connect-get", "proto"}, {"grpcweb", "json"},  {"grpcweb", "proto"}};
  const std::string code =
      absl::StrCat(suite().folder(), "/", Unique("generated"));
  for (const auto& [protocol, codec] : dialects) {
    SCOPED_TRACE(absl::StrCat(protocol, " with ", codec));
    ExpectAll(CallsOf(suite(), "connect.mjs",
                      {PRAXIS_IMAGE, code, Base(), protocol, codec,
                       ada_->caller.token(), thread_, resource_}),
              "By Connect", codes);
  }
}

TEST_P(ClientsTest, GrpcJsSpeaksGrpc) {
  ExpectAll(CallsOf(suite(), "grpc.mjs",
                    {PRAXIS_IMAGE, suite().GrpcAddressOf(kThreads),
                     suite().GrpcAddressOf(kResources), ada_->caller.token(),
                     thread_, resource_}),
            "By gRPC",
            {{"RESOURCE_NOT_FOUND", "NOT_FOUND"},
             {"TOKEN_MISSING", "UNAUTHENTICATED"},
             {"FIELD_INVALID", "INVALID_ARGUMENT"}});
}

// Pages of this origin are let in; nobody listens there.
constexpr char kPageOrigin[] = "http://127.0.0.1:4444";

class WebPageTest : public ::testing::TestWithParam<Shape> {
 protected:
  void TearDown() override { ShowLogsOnFailure(suite_); }

  Suite suite_{GetParam(),
               {.http_flags = {absl::StrCat("--cors_origins=", kPageOrigin)}}};
};

INSTANTIATE_TEST_SUITE_P(Shapes, WebPageTest, BothShapes(), NameOfShape);

TEST_P(WebPageTest, CallsByConnectAndGrpcWebIfItsOriginIsListed) {
  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  Person ada = Register(suite_, Transport::kHttp, "ada");
  const std::string community = Found(ada.caller, "shop", events::v1::PUBLIC);
  const std::string thread =
      Ask(ada.caller, community, "A dull cutter", "It burns.").name();
  const std::string resource = AddFile(ada.caller, community, "A file").name();
  EXPECT_THAT(ada.caller.Upload(resource, {"a.txt", "text/plain",
                                           std::string(kFileBytes, 'x')}),
              Answered());
  const auto calls_from = [&](const std::string& origin) {
    return CallsOf(suite_, "web_page.mjs",
                   {absl::StrCat("http://127.0.0.1:", suite_.http_port()),
                    origin, ada.caller.token(), thread, resource});
  };
  const std::map<std::string, Json> calls = calls_from(kPageOrigin);
  ASSERT_EQ(calls.size(), 5u);
  EXPECT_EQ(TextAt(calls.at("connect"), "ok"), "A dull cutter");
  EXPECT_EQ(TextAt(calls.at("get"), "ok"), "A dull cutter");
  EXPECT_EQ(TextAt(calls.at("error"), "ok"), "404 not_found");
  EXPECT_GT(NumberAt(calls.at("stream"), "ok.size"), kFileBytes / 3 * 4);
  EXPECT_EQ(TextAt(calls.at("stream"), "ok.end"), "{}");
  EXPECT_EQ(TextAt(calls.at("grpcweb"), "ok.trailers"), "grpc-status: 0\r\n");
  for (const auto& [call, json] : calls_from("http://127.0.0.1:4445")) {
    EXPECT_EQ(TextAt(json, "failed"), "Failed to fetch") << call;
  }
}

}  // namespace
}  // namespace praxis::system
