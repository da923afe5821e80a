#include "gateway/http/unsent.h"

#include <memory>
#include <vector>

#include "gateway/http/connection.h"
#include "gateway/testing/http_fixture.h"

namespace praxis::gateway {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using testing::Fetch;
using ::testing::IsEmpty;
using testing::RawClient;

// Connections to nobody, of which each waits. At most 100 bytes together.
class UnsentTest : public ::testing::Test {
 protected:
  std::shared_ptr<Connection> Connect() {
    return std::make_shared<Connection>(ClientSocket::Socket(loop_->context()),
                                        "192.0.2.1", loop_, shared_);
  }
  // The numbers of those that are to go.
  std::vector<int64_t> Add(const std::shared_ptr<Connection>& connection,
                           int64_t bytes) {
    std::vector<Unsent::Victim> victims;
    last_ = unsent_.Add(connection, bytes, &victims);
    std::vector<int64_t> numbers;
    for (const Unsent::Victim& victim : victims) {
      numbers.push_back(victim.number);
    }
    return numbers;
  }

  App app_;
  const std::shared_ptr<Loop> loop_ = std::make_shared<Loop>();
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>(
      app_, HttpLimits(), TrustedProxies(), /*tls=*/nullptr);
  const std::shared_ptr<Connection> one_ = Connect();
  const std::shared_ptr<Connection> other_ = Connect();
  Unsent unsent_{100};
  // The number of the last that was added.
  int64_t last_ = 0;
};

TEST_F(UnsentTest, TakesWhoHasWaitedLongest) {
  EXPECT_THAT(Add(one_, 60), IsEmpty());
  const int64_t first = last_;
  EXPECT_THAT(Add(other_, 40), IsEmpty());
  std::vector<Unsent::Victim> victims;
  unsent_.Add(other_, 1, &victims);
  ASSERT_EQ(victims.size(), 1);
  EXPECT_EQ(victims[0].connection, one_);
  EXPECT_EQ(victims[0].number, first);
}

TEST_F(UnsentTest, TakesAsManyAsMakeItFit) {
  std::vector<int64_t> decoys;
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Add(one_, 1), IsEmpty());
    decoys.push_back(last_);
  }
  EXPECT_THAT(Add(one_, 80), IsEmpty());
  decoys.push_back(last_);
  EXPECT_THAT(Add(other_, 50), decoys);
}

TEST_F(UnsentTest, TakesNobodyTwice) {
  Add(one_, 60);
  const int64_t first = last_;
  EXPECT_THAT(Add(other_, 60), ElementsAre(first));
  EXPECT_THAT(Add(other_, 40), IsEmpty());
  // It counts no more, also when it goes at last.
  unsent_.Remove(first);
  const int64_t second = first + 1;
  EXPECT_THAT(Add(other_, 1), ElementsAre(second));
}

TEST_F(UnsentTest, TakesTheNewcomerWhenItAloneIsTooMuch) {
  const std::vector<int64_t> victims = Add(one_, 101);
  EXPECT_THAT(victims, ElementsAre(last_));
  EXPECT_THAT(Add(one_, 100), IsEmpty());
}

TEST_F(UnsentTest, CountsNobodyWhoWaitsNoMore) {
  Add(one_, 100);
  unsent_.Remove(last_);
  EXPECT_THAT(Add(one_, 100), IsEmpty());
}

TEST_F(UnsentTest, PassesOverWhoIsGone) {
  Add(Connect(), 60);
  EXPECT_THAT(Add(other_, 60), IsEmpty());
  EXPECT_THAT(Add(other_, 40), IsEmpty());
}

// Not only the one that has waited longest, which may hold little.
TEST_F(HttpServerTest, CutsOffAsManyAsItTakesWhenAnswersHoldTooMuch) {
  HttpServer::Options options;
  options.threads = 1;  // they begin to wait in the order of their requests
  options.limits.unsent_bytes_max = 65'000'000;
  app_.On("/large", [](std::shared_ptr<Exchange> exchange) {
    exchange->Respond(TextResponse(std::string(50'000'000, 'a')));
  });
  app_.On("/small", [](std::shared_ptr<Exchange> exchange) {
    exchange->Respond(TextResponse(std::string(20'000'000, 'a')));
  });
  const int port = Start(options);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 3; ++i) {
    slow.push_back(std::make_unique<RawClient>(port));
    slow.back()->Send("GET /small HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(Eventually([&] { return slow.back()->HasInput(); }));
  }
  EXPECT_EQ(server_->connections(), 3);
  RawClient last(port);
  last.Send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 1; }));
  EXPECT_EQ(last.Receive().body.size(), 50'000'000u);
  for (const auto& client : slow) EXPECT_FALSE(client->Receive().complete);
}

// The others may be through with it long since.
TEST_F(HttpServerTest, CountsWhatIsUnsentOfABodyThatIsShared) {
  HttpServer::Options options;
  options.limits.unsent_bytes_max = 60'000'000;
  app_.On("/large", [](std::shared_ptr<Exchange> exchange) {
    Response response = TextResponse("");
    response.shared_body = std::make_shared<std::string>(50'000'000, 'a');
    exchange->Respond(std::move(response));
  });
  const int port = Start(options);
  RawClient slow(port);
  slow.Send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return slow.HasInput(); }));
  EXPECT_EQ(Fetch(port, "GET", "/large").body.size(), 50'000'000u);
  EXPECT_FALSE(slow.Receive().complete);
}

}  // namespace
}  // namespace praxis::gateway
