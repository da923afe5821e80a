// The port for operators and its page for people.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/system/client_script.h"
#include "tests/system/http_client.h"
#include "tests/system/json.h"
#include "tests/system/servers.h"
#include "tests/system/suite.h"
#include "tests/system/suite_fixture.h"
#include "tests/system/waiting.h"
#include "tests/system/world.h"

namespace praxis::system {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class AdminPortTest : public ::testing::TestWithParam<Shape> {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  HttpResponse Get(const std::string& target) const {
    return HttpClient(port_).Get(target);
  }
  HttpResponse GetInPublic(const std::string& target) const {
    return HttpClient(suite_.http_port()).Get(target);
  }

  const int port_ = FreePort();
  Suite suite_{GetParam(),
               {.gateway_flags = {absl::StrCat("--admin_port=", port_)}}};
};

INSTANTIATE_TEST_SUITE_P(Shapes, AdminPortTest, BothShapes(), NameOfShape);

TEST_P(AdminPortTest, HasWhatTheOtherPortKeepsBack) {
  for (const char* page : {"/metrics", "/status", "/config", "/channelz"}) {
    EXPECT_EQ(Get(page).status, 200) << page;
    EXPECT_EQ(GetInPublic(page).status, 404) << page;
  }
  EXPECT_THAT(Get("/healthz?verbose").body,
              HasSubstr("[+]members/database ok"));
  EXPECT_EQ(GetInPublic("/healthz?verbose").body, "ok");
  EXPECT_EQ(GetInPublic("/readyz?verbose").body, "ok");
  EXPECT_EQ(Get("/v1/communities/-/threads").status, 404);
  EXPECT_EQ(GetInPublic("/v1/communities/-/threads").status, 200);
}

TEST_P(AdminPortTest, ShowsTheSettingsWithoutASecret) {
  const std::optional<Json> config = ParseJson(Get("/config").body);
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(At(*config, "admin_port")->number_value(), port_);
  EXPECT_THAT(Get("/config").body,
              Not(HasSubstr(suite_.Secret("service_credential"))));
}

TEST_P(AdminPortTest, ShowsWhatGrpcKnowsOfItsConnections) {
  const std::optional<Json> all = ParseJson(Get("/channelz").body);
  ASSERT_TRUE(all.has_value());
  if (GetParam() == Shape::kFourProcesses) {
    EXPECT_THAT(Get("/channelz").body,
                HasSubstr(suite_.GrpcAddressOf("praxis.members.v1")));
  } else {
    EXPECT_THAT(Get("/channelz").body, HasSubstr("\"serverId\""));
  }
  EXPECT_EQ(Get("/channelz?channel=999999").status, 404);
}

TEST_P(AdminPortTest, HasAPageForPeople) {
  const ScriptRun run =
      RunClientScript(suite_, "status_page.mjs",
                      {absl::StrCat(suite_.http_port()), absl::StrCat(port_)});
  EXPECT_EQ(run.exit_code, 0) << run.said;
}

// The four programs with Redis in both roles, one server.
class HealthOfPartsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }
  void TearDown() override { ShowLogsOnFailure(suite_); }

  // What /healthz says of one part; null when it says nothing.
  Json Part(const std::string& name) const {
    const std::optional<Json> health = ParseJson(
        HttpClient(suite_.http_port()).Get("/healthz?format=json").body);
    if (!health.has_value()) return Json();
    for (const Json& check : At(*health, "checks")->list_value().values()) {
      if (TextAt(check, "name") == name) return check;
    }
    return Json();
  }
  std::string StatusOf(const std::string& name) const {
    return TextAt(Part(name), "status");
  }

  RedisServer redis_{std::filesystem::temp_directory_path()};
  Suite suite_{
      Shape::kFourProcesses,
      {.flags = [this](const std::string&) -> std::vector<std::string> {
        return {"--redis_events=" + redis_.address(),
                "--redis_cache=" + redis_.address()};
      }}};
};

TEST_F(HealthOfPartsTest, TellsWhichPartFailsSinceWhenAndWhy) {
  for (const char* service : {"members", "discussions", "resources"}) {
    EXPECT_NE(TextAt(Part(service), "version"), "") << service;
    for (const char* part :
         {"/database", "/events", "/redis/cache", "/redis/events"}) {
      EXPECT_EQ(StatusOf(absl::StrCat(service, part)), "ok");
    }
  }
  const std::string since = TextAt(Part("discussions/redis/cache"), "since");
  EXPECT_THAT(since, MatchesRegex("[0-9-]+T[0-9:.]+Z"));

  redis_.Kill();
  ASSERT_TRUE(Eventually(
      [&] { return StatusOf("discussions/redis/cache") == "failed"; }));
  const Json failed = Part("discussions/redis/cache");
  EXPECT_GT(TextAt(failed, "since"), since);
  EXPECT_EQ(TextAt(failed, "message"), "Redis does not answer.");
  EXPECT_EQ(StatusOf("discussions/database"), "ok");
  const HttpClient client(suite_.http_port());
  EXPECT_EQ(client.Get("/readyz").body, "ok");
  EXPECT_EQ(client.Get("/livez").body, "ok");
  EXPECT_EQ(client.Get("/healthz").body, "degraded");
  EXPECT_THAT(client.Get("/healthz?verbose").body,
              HasSubstr("[-]discussions/redis/cache failed: reason withheld"));

  ASSERT_NO_FATAL_FAILURE(redis_.Start());
  EXPECT_TRUE(Eventually([&] { return client.Get("/healthz").body == "ok"; }));
}

TEST_F(HealthOfPartsTest, CountsTheEventsThatAreNotAppliedYet) {
  Person ada = Register(suite_, Transport::kHttp, "ada");
  Found(ada.caller, "lathe", events::v1::PUBLIC);
  ASSERT_TRUE(Eventually([&] {
    return NumberAt(Part("members/events"), "numbers.latest") >= 2 &&
           NumberAt(Part("members/events"), "lag") == 0;
  }));
  EXPECT_TRUE(Eventually([&] {
    const Json access = Part("discussions/access");
    return NumberAt(access, "numbers.members") >= 2 &&
           NumberAt(access, "lag") == 0;
  }));
}

TEST_F(HealthOfPartsTest, TellsThatAServiceIsAwayAndThatALeaseIsLost) {
  suite_.process("members").Kill();
  ASSERT_TRUE(Eventually([&] {
    return StatusOf("members") == "failed" &&
           StatusOf("discussions/access") == "failed";
  }));
  EXPECT_EQ(StatusOf("discussions"), "ok");
  EXPECT_EQ(StatusOf("members/database"), "");
  EXPECT_THAT(TextAt(Part("discussions/access"), "message"),
              HasSubstr("no lease"));
  EXPECT_EQ(HttpClient(suite_.http_port()).Get("/readyz").body, "ok");
  ASSERT_NO_FATAL_FAILURE(suite_.Start());
  EXPECT_EQ(StatusOf("discussions/access"), "ok");
}

}  // namespace
}  // namespace praxis::system
