#include "services/common/rpc/grpc/event_source.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/auth/secrets.h"
#include "services/common/events/log.h"
#include "services/common/events/server/server.h"
#include "services/common/rpc/grpc/channel.h"
#include "services/common/rpc/grpc/server.h"
#include "services/common/rpc/grpc/service_token.h"
#include "services/common/rpc/grpc/testing/sessions.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/sqlite.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::rpc {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using testing::Eventually;
using testing::FailsWith;
using ::testing::IsEmpty;
using testing::Succeeds;

constexpr char kMembers[] = "services/members";
// Never reached by a test that passes.
constexpr absl::Duration kLong = absl::Hours(1);

// A real members' log behind a real server, and a source that reads it as
// another process does.
class GrpcSourceTest : public ::testing::Test {
 protected:
  GrpcSourceTest() {
    EXPECT_THAT(sql::Migrate(*db_, {events::LogSchema()}), Succeeds());
    log_ = std::make_unique<events::Log>(*db_, kMembers);
    events_ = std::make_unique<events::EventsServer>(
        std::vector<events::Log*>{log_.get()}, host_.host(), sealer_);
    StartMembers();
    token_ = std::make_unique<ServiceToken>(OpenChannel(address_),
                                            "services/discussions:secret");
    source_ =
        std::make_unique<GrpcSource>(OpenChannel(address_), *token_, kMembers);
  }
  ~GrpcSourceTest() override {
    source_->Interrupt();
    log_->Interrupt();
    server_.reset();
    events_.reset();
  }

  void StartMembers() {
    server_ = *GrpcServer::Start({.address = address_,
                                  .served = {{&sessions_.pipeline(), nullptr},
                                             {&events_->pipeline(), nullptr}}});
    address_ = absl::StrCat("127.0.0.1:", server_->port());
  }

  void Write() {
    EXPECT_THAT(db_->Write([](sql::Tx& tx) {
      events::v1::Event event;
      event.set_type("thing.happened");
      return events::Emit(tx, event);
    }),
                Succeeds());
  }

  // A Next on a thread of its own.
  struct Waiting {
    Waiting(events::Source& source, int64_t after)
        : source(source), thread([this, after] {
            EXPECT_THAT(this->source.Next(after, 100, kLong), Succeeds());
            returned = true;
          }) {}
    ~Waiting() {
      if (!returned) source.Interrupt();
      thread.join();
    }
    bool Returned() {
      return Eventually([this] { return returned.load(); });
    }
    events::Source& source;
    std::atomic<bool> returned = false;
    std::thread thread;
  };

  // Numbers of the events that Next answers.
  std::vector<int64_t> Next(int64_t after, int limit = 100,
                            absl::Duration timeout = kLong) {
    const auto response = source_->Next(after, limit, timeout);
    EXPECT_THAT(response, Succeeds());
    std::vector<int64_t> numbers;
    if (!response.ok()) return numbers;
    for (const auto& event : response->events()) {
      numbers.push_back(event.number());
    }
    return numbers;
  }
  // How many watches have begun, as a line of the server's metrics ends.
  void ExpectWatches(int count) {
    EXPECT_THAT(
        host_.host().registry.Text(),
        ContainsRegex(absl::StrCat(
            "grpc_server_started_total.*\"WatchEvents\"\\} ", count, "\n")));
  }

  testing::TestHost host_;
  testing::FakeSessions sessions_{host_};
  const auth::Sealer sealer_ = auth::Sealer::Random();
  std::unique_ptr<sql::Database> db_ = *sql::OpenSqlite({});
  std::unique_ptr<events::Log> log_;
  std::unique_ptr<events::EventsServer> events_;
  std::string address_ = "127.0.0.1:0";
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<ServiceToken> token_;
  std::unique_ptr<GrpcSource> source_;
};

TEST_F(GrpcSourceTest, ReadsEventsWithTheServiceToken) {
  Write();
  Write();
  EXPECT_EQ(source_->name(), kMembers);
  const auto all = source_->Read(0, 100);
  ASSERT_THAT(all, Succeeds());
  ASSERT_EQ(all->events_size(), 2);
  EXPECT_EQ(all->events(1).number(), 2);
  EXPECT_EQ(all->events(1).source(), kMembers);
  EXPECT_EQ(all->latest(), 2);
  EXPECT_EQ(source_->Read(0, 1)->events_size(), 1);
  EXPECT_EQ(source_->Read(2, 100)->events_size(), 0);
}

TEST_F(GrpcSourceTest, GivesALeaseBack) {
  Write();
  ASSERT_THAT(source_->Ack("a/1", 0), Succeeds());
  EXPECT_THAT(log_->AwaitApplied({.deadline = absl::Now()}),
              FailsWith(errors::v1::NOT_YET_EVERYWHERE));
  ASSERT_THAT(source_->Leave("a/1"), Succeeds());
  EXPECT_THAT(log_->AwaitApplied({.deadline = absl::Now()}), Succeeds());
}

TEST_F(GrpcSourceTest, WaitsNotForWhatIsThere) {
  Write();
  Waiting waiting(*source_, 0);
  EXPECT_TRUE(waiting.Returned());
}

TEST_F(GrpcSourceTest, WaitsForWhatComes) {
  Waiting waiting(*source_, 0);
  // Whether the watch has begun by now or not, the event is seen.
  Write();
  EXPECT_TRUE(waiting.Returned());
}

TEST_F(GrpcSourceTest, ReturnsWhenTheTimeIsOver) {
  EXPECT_THAT(Next(0, 100, absl::Milliseconds(30)), IsEmpty());
  EXPECT_THAT(Next(0, 100, absl::ZeroDuration()), IsEmpty());
}

TEST_F(GrpcSourceTest, ReturnsWhenInterruptedNowAndLater) {
  Waiting waiting(*source_, 0);
  source_->Interrupt();
  EXPECT_TRUE(waiting.Returned());
  EXPECT_THAT(Next(0), IsEmpty());
}

TEST_F(GrpcSourceTest, ReturnsOnceWhenWoken) {
  Waiting waiting(*source_, 0);
  // A Wake before the Next has begun is not for it.
  EXPECT_TRUE(Eventually([&] {
    source_->Wake();
    return waiting.returned.load();
  }));
  Waiting next(*source_, 0);
  Write();
  EXPECT_TRUE(next.Returned());
}

TEST_F(GrpcSourceTest, WaitsOnWhileTheSourceIsAway) {
  server_.reset();
  EXPECT_THAT(source_->Read(0, 1), FailsWith(errors::v1::BACKEND_UNAVAILABLE));
  Waiting waiting(*source_, 0);
  Write();
  StartMembers();
  EXPECT_TRUE(waiting.Returned());
  EXPECT_EQ(source_->Read(0, 100)->events_size(), 1);
}

TEST_F(GrpcSourceTest, GoesOnWhenTheSourceRestarts) {
  Waiting waiting(*source_, 0);
  server_.reset();
  StartMembers();
  EXPECT_FALSE(waiting.returned);
  Write();
  EXPECT_TRUE(waiting.Returned());
}

TEST_F(GrpcSourceTest, WatchesOnFromOneNextToTheNext) {
  for (int64_t number = 1; number <= 5; ++number) {
    Waiting waiting(*source_, number - 1);
    Write();
    EXPECT_TRUE(waiting.Returned());
  }
  // Also when there was nothing for a while, or it was read elsewhere.
  EXPECT_THAT(Next(5, 100, absl::Milliseconds(1)), IsEmpty());
  Write();
  Write();
  EXPECT_THAT(Next(6), ElementsAre(7));
  ExpectWatches(1);
}

TEST_F(GrpcSourceTest, WatchesAnewWhenAskedToGoBack) {
  for (int i = 0; i < 5; ++i) Write();
  EXPECT_THAT(Next(2), ElementsAre(3, 4, 5));
  EXPECT_THAT(Next(0), ElementsAre(1, 2, 3, 4, 5));
  // What is over the limit comes next.
  EXPECT_THAT(Next(1, 2), ElementsAre(2, 3));
  EXPECT_THAT(Next(3), ElementsAre(4, 5));
  ExpectWatches(4);
}

TEST_F(GrpcSourceTest, SeveralMayWaitAtOnce) {
  Waiting one(*source_, 0);
  Waiting another(*source_, 0);
  Write();
  EXPECT_TRUE(one.Returned());
  EXPECT_TRUE(another.Returned());
  Write();
  EXPECT_THAT(Next(1), ElementsAre(2));
}

TEST_F(GrpcSourceTest, GetsANewTokenWhenItsOwnIsRefused) {
  sessions_.SetToken("signed with a key that is gone");
  ASSERT_THAT(token_->Get(), Succeeds());
  sessions_.SetToken("");
  EXPECT_THAT(source_->Read(0, 1), Succeeds());
  EXPECT_EQ(sessions_.exchanges(), 2);
}

TEST_F(GrpcSourceTest, WaitsWithANewTokenWhenItsOwnIsRefused) {
  Write();
  sessions_.SetToken("signed with a key that is gone");
  ASSERT_THAT(token_->Get(), Succeeds());
  sessions_.SetToken("");
  Waiting waiting(*source_, 0);
  EXPECT_TRUE(waiting.Returned());
}

}  // namespace
}  // namespace praxis::rpc
