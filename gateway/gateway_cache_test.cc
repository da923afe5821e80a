// Reads that are answered without the service, over a real log of events.
#include <string>

#include "absl/strings/str_cat.h"
#include "gateway/testing/gateway_fixture.h"
#include "services/common/events/log.h"
#include "services/common/sql/sqlite.h"

namespace praxis::gateway {
namespace {

using testing::Eventually;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::RawAnswer;
using testing::Succeeds;

constexpr char kCard[] = "/v1/shelves/a/cards/emma";
constexpr char kAda[] = "members/ada";

class GatewayCacheTest : public GatewayTest {
 protected:
  GatewayCacheTest() {
    EXPECT_THAT(sql::Migrate(*db_, {events::LogSchema()}), Succeeds());
    log_ = std::make_unique<events::Log>(*db_, "services/library");
    Add("shelves/a/cards/emma", "Emma", {});
    Show("shelves/a", events::v1::PUBLIC);
    GatewayServer::Options options;
    options.events = {log_.get()};
    Start(std::move(options));
    EXPECT_TRUE(Eventually([&] {
      return absl::StrContains(host_.host().registry.Text(),
                               "lease_held{source=\"services/library\"} 1");
    }));
  }
  // The log must outlive the gateway.
  void TearDown() override { server_ = nullptr; }

  void Show(const std::string& scope, access::Visibility visibility) {
    served_.access().SetVisibility(scope, visibility);
  }
  // Whether the service was asked.
  bool AsksFor(absl::string_view target, absl::string_view fields = "") {
    const int before = library().cards_read;
    EXPECT_EQ(Ask("GET", target, fields).status, 200) << target;
    return library().cards_read != before;
  }
  // What a change of visibility is until it is said to be done.
  void AnnounceVisibility() {
    events::v1::Event event;
    event.set_name("shelves/a");
    event.mutable_access()->set_scope("shelves/a");
    event.mutable_access()->set_visibility(events::v1::PRIVATE);
    EXPECT_THAT(
        db_->Write([&](sql::Tx& tx) { return events::Emit(tx, event); }),
        Succeeds());
    EXPECT_THAT(
        log_->AwaitApplied({.deadline = absl::Now() + absl::Seconds(20)}),
        Succeeds());
  }
  std::string TokenLine() {
    return absl::StrCat("Authorization: Bearer ", host_.TokenFor(kAda), "\r\n");
  }

  std::unique_ptr<sql::Database> db_ = *sql::OpenSqlite({});
  std::unique_ptr<events::Log> log_;
};

INSTANTIATE_TEST_SUITE_P(Adapters, GatewayCacheTest, EveryAdapter(),
                         AdapterName);

TEST_P(GatewayCacheTest, AnswersAgainWithoutTheService) {
  EXPECT_TRUE(AsksFor(kCard));
  const RawAnswer first = Ask("GET", kCard);
  ASSERT_TRUE(Eventually([&] { return !AsksFor(kCard); }));
  const RawAnswer again = Ask("GET", kCard);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_THAT(first["etag"], MatchesRegex("\"v1\\.[0-9a-f]{16}\""));
  EXPECT_EQ(again["etag"], first["etag"]);
  EXPECT_EQ(again["cache-control"], "private, no-cache");
  EXPECT_EQ(again["content-type"], "application/json");
  EXPECT_NE(again["x-request-id"], first["x-request-id"]);
}

TEST_P(GatewayCacheTest, AnswersHeadAndConditionsToo) {
  const RawAnswer first = Ask("GET", kCard);
  const std::string body = first.body;
  const std::string etag = first["etag"];
  ASSERT_TRUE(Eventually([&] { return !AsksFor(kCard); }));
  const int before = library().cards_read;
  testing::RawClient client(port());
  const RawAnswer head =
      client.Ask(absl::StrCat("HEAD ", kCard, " HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head["content-length"], absl::StrCat(body.size()));
  const RawAnswer known =
      Ask("GET", kCard, absl::StrCat("If-None-Match: ", etag, "\r\n"));
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known["etag"], etag);
  EXPECT_EQ(known.body, "");
  EXPECT_EQ(Ask("GET", kCard, "If-None-Match: \"v2\"\r\n").body, body);
  EXPECT_LE(library().cards_read, before + 1);
}

TEST_P(GatewayCacheTest, KeepsABodyInEveryCodingThatIsAskedFor) {
  Add("shelves/a/cards/long", std::string(3000, 'x'), {});
  const std::string target = "/v1/shelves/a/cards/long";
  ASSERT_TRUE(Eventually([&] { return !AsksFor(target); }));
  for (int i = 0; i < 3; ++i) {
    const RawAnswer plain = Ask("GET", target);
    EXPECT_EQ(plain["content-encoding"], "");
    EXPECT_THAT(plain["etag"], MatchesRegex("\"v1\\.[0-9a-f]{16}\""));
    EXPECT_EQ(plain["vary"], "Accept-Encoding");
    EXPECT_GT(plain.body.size(), 3000);
    for (const std::string coding : {"gzip", "zstd"}) {
      const RawAnswer coded =
          Ask("GET", target, absl::StrCat("Accept-Encoding: ", coding, "\r\n"));
      EXPECT_EQ(coded["content-encoding"], coding);
      EXPECT_EQ(coded["etag"], "W/" + plain["etag"]);
      EXPECT_EQ(coded["vary"], "Accept-Encoding");
      EXPECT_LT(coded.body.size(), 500);
    }
    EXPECT_EQ(Ask("GET", target,
                  absl::StrCat("Accept-Encoding: gzip\r\nIf-None-Match: W/",
                               plain["etag"], "\r\n"))
                  .status,
              304);
  }
}

TEST_P(GatewayCacheTest, AsksForWhoeverSignsInAndWhateverIsNotPlain) {
  Ask("GET", kCard);
  ASSERT_TRUE(Eventually([&] { return !AsksFor(kCard); }));
  EXPECT_TRUE(AsksFor(kCard, TokenLine()));
  EXPECT_TRUE(AsksFor(kCard, "X-Request-Timeout: 4\r\n"));
  EXPECT_TRUE(AsksFor(absl::StrCat(kCard, "?edition=1")));
  EXPECT_EQ(Ask("GET", kCard, "Authorization: Bearer no\r\n").status, 401);
  EXPECT_EQ(Ask("GET", kCard, "Authorization:\r\n").status, 401);
}

TEST_P(GatewayCacheTest, KeepsNothingThatIsSignedOrRefused) {
  Show("shelves/a", events::v1::PRIVATE);
  served_.access().SetRole("shelves/a", kAda, events::v1::MEMBER);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(AsksFor(kCard, TokenLine()));
    EXPECT_EQ(Ask("GET", kCard).status, 401);
  }
  Show("shelves/a", events::v1::PUBLIC);
  EXPECT_EQ(Ask("GET", kCard).status, 200);
}

TEST_P(GatewayCacheTest, ShowsAWriterTheirChangeAtOnce) {
  for (int i = 0; i < 5; ++i) {
    Ask("GET", kCard);
    const std::string title = absl::StrCat("Emma ", i);
    EXPECT_EQ(Ask("PATCH", kCard, "Content-Type: application/json\r\n",
                  absl::StrCat("{\"title\":\"", title, "\"}"))
                  .status,
              200);
    EXPECT_THAT(Ask("GET", kCard).body, HasSubstr(title));
  }
}

TEST_P(GatewayCacheTest, GivesNothingOfWhatIsNotPublicAnyMore) {
  Ask("GET", kCard);
  ASSERT_TRUE(Eventually([&] { return !AsksFor(kCard); }));
  Show("shelves/a", events::v1::PRIVATE);
  AnnounceVisibility();
  EXPECT_EQ(Ask("GET", kCard).status, 401);
}

// The service has read what was public, and then it is not.
TEST_P(GatewayCacheTest, KeepsNothingThatChangedOnItsWay) {
  library().after_card_read = [&] {
    Show("shelves/a", events::v1::PRIVATE);
    AnnounceVisibility();
  };
  EXPECT_EQ(Ask("GET", kCard).status, 200);
  EXPECT_EQ(Ask("GET", kCard).status, 401);
}

// The service goes on by what it knew when the gateway knows better.
TEST_P(GatewayCacheTest, KeepsNothingOfAServiceThatIsBehind) {
  served_.access().applied = 0;
  AnnounceVisibility();
  EXPECT_EQ(Ask("GET", kCard).status, 200);
  EXPECT_TRUE(AsksFor(kCard));
  Show("shelves/a", events::v1::PRIVATE);
  EXPECT_EQ(Ask("GET", kCard).status, 401);
}

TEST_P(GatewayCacheTest, KeepsOnlyWhatIsInAScope) {
  const auto misses = [&] {
    return host_.host()
        .registry
        .FindCounter("praxis_gateway_cache_misses_total",
                     "Reads that could have been, but the service was asked.")
        .value();
  };
  const uint64_t before = misses();
  EXPECT_EQ(Ask("GET", "/v1/shelves/a/books/emma").status, 200);
  EXPECT_EQ(misses(), before);
}

}  // namespace
}  // namespace praxis::gateway
