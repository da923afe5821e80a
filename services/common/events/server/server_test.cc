#include "services/common/events/server/server.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/sqlite.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/testing/caller.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::events {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Succeeds;

constexpr char kReader[] = "services/discussions";

// A log over a database in memory.
struct OwnLog {
  explicit OwnLog(const std::string& name)
      : db(*sql::OpenSqlite({})),
        log(
            [&]() -> sql::Database& {
              EXPECT_THAT(sql::Migrate(*db, {LogSchema()}), Succeeds());
              return *db;
            }(),
            name) {}

  void Write(int count, size_t bytes = 0) {
    EXPECT_THAT(db->Write([&](sql::Tx& tx) {
      absl::Status status;
      for (int i = 0; i < count && status.ok(); ++i) {
        v1::Event event;
        event.set_type("thing.happened");
        event.set_name(std::string(bytes, 'x'));
        status = Emit(tx, event);
      }
      return status;
    }),
                Succeeds());
    EXPECT_TRUE(Eventually([&] { return log.latest() >= count; }));
  }

  std::unique_ptr<sql::Database> db;
  Log log;
};

class EventsServerTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::ReadEventsResponse> Read(int64_t after, int page_size,
                                              const std::string& source) {
    v1::ReadEventsRequest request;
    request.set_after(after);
    request.set_page_size(page_size);
    request.set_source(source);
    return caller_.Call<v1::ReadEventsResponse>(kReader, request);
  }

  absl::StatusOr<v1::AckEventsResponse> Ack(int64_t number,
                                            bool leaving = false) {
    v1::AckEventsRequest request;
    request.set_consumer("discussions/access/k3v9");
    request.set_source("services/members");
    request.set_number(number);
    request.set_leaving(leaving);
    return caller_.Call<v1::AckEventsResponse>(kReader, request);
  }

  // An open WatchEvents.
  std::unique_ptr<rpc::StreamCall> Watch(int64_t after) {
    v1::WatchEventsRequest request;
    request.set_after(after);
    request.set_source("services/members");
    return server_.pipeline().ServerStream(
        *server_.pipeline().methods().Find(
            "/praxis.events.v1.EventService/WatchEvents"),
        {.token = host_.TokenFor(kReader)}, request.SerializeAsString());
  }

  // One pull, whenever it ends.
  struct Pull {
    explicit Pull(rpc::StreamCall& stream) {
      stream.Pull([this](rpc::StreamCall::Piece got) {
        piece = std::move(got);
        done.Notify();
      });
    }
    std::vector<int64_t> Numbers() {
      done.WaitForNotification();
      v1::WatchEventsResponse response;
      EXPECT_TRUE(response.ParseFromString(piece.message));
      std::vector<int64_t> numbers;
      for (const v1::Event& event : response.events()) {
        numbers.push_back(event.number());
      }
      return numbers;
    }
    absl::Status End() {
      done.WaitForNotification();
      EXPECT_TRUE(piece.end);
      return piece.status;
    }
    absl::Notification done;
    rpc::StreamCall::Piece piece;
  };

  testing::TestHost host_;
  OwnLog members_{"services/members"};
  OwnLog resources_{"services/resources"};
  const auth::Sealer sealer_ = auth::Sealer::Random();
  EventsServer server_{{&members_.log, &resources_.log}, host_.host(), sealer_};
  testing::Caller caller_{host_, server_.pipeline()};
};

TEST_F(EventsServerTest, ServesEveryMethodOfTheService) {
  EXPECT_THAT(server_.pipeline().methods().Check(), Succeeds());
}

TEST_F(EventsServerTest, IsForServicesOnly) {
  v1::ReadEventsRequest request;
  request.set_source("services/members");
  EXPECT_THAT(caller_.Call<v1::ReadEventsResponse>("", request),
              FailsWith(errors::v1::TOKEN_MISSING));
  EXPECT_THAT(caller_.Call<v1::ReadEventsResponse>("members/ada", request),
              FailsWith(errors::v1::ROLE_INSUFFICIENT));
  EXPECT_THAT(caller_.Call<v1::ReadEventsResponse>(kReader, request),
              Succeeds());
}

TEST_F(EventsServerTest, ReadsPageByPage) {
  members_.Write(120);
  const auto first = Read(0, 0, "services/members");
  ASSERT_THAT(first, Succeeds());
  EXPECT_EQ(first->events_size(), 100);
  EXPECT_EQ(first->latest(), 120);
  EXPECT_EQ(first->events(0).source(), "services/members");
  const auto second = Read(100, 15, "services/members");
  ASSERT_THAT(second, Succeeds());
  EXPECT_EQ(second->events_size(), 15);
  EXPECT_EQ(second->events(0).number(), 101);
  EXPECT_THAT(Read(120, 0, "services/members")->events(), IsEmpty());
  EXPECT_EQ(Read(0, 5000, "services/members")->events_size(), 120);
}

TEST_F(EventsServerTest, KeepsAnAnswerSmallWhateverEventsHold) {
  members_.Write(10, 300 << 10);
  std::vector<int> sizes;
  int64_t after = 0;
  while (after < 10) {
    const auto page = Read(after, 1000, "services/members");
    ASSERT_THAT(page, Succeeds());
    EXPECT_EQ(page->latest(), 10);
    sizes.push_back(page->events_size());
    ASSERT_GT(page->events_size(), 0);
    after = page->events().rbegin()->number();
  }
  EXPECT_THAT(sizes, ElementsAre(3, 3, 3, 1));
}

TEST_F(EventsServerTest, GivesAnEventThatAloneIsTooLong) {
  members_.Write(2, 2 << 20);
  EXPECT_EQ(Read(0, 10, "services/members")->events_size(), 1);
}

TEST_F(EventsServerTest, ReadsTheLogThatIsNamed) {
  members_.Write(1);
  resources_.Write(2);
  EXPECT_EQ(Read(0, 0, "services/members")->latest(), 1);
  EXPECT_EQ(Read(0, 0, "services/resources")->latest(), 2);
  EXPECT_THAT(Read(0, 0, "services/discussions"),
              FailsWith(errors::v1::RESOURCE_NOT_FOUND));
  EXPECT_THAT(Read(0, 0, ""), FailsWith(errors::v1::FIELD_INVALID));
}

TEST_F(EventsServerTest, NeedsNoNameWhereThereIsOneLog) {
  EventsServer alone({&members_.log}, host_.host(), sealer_);
  testing::Caller caller(host_, alone.pipeline());
  EXPECT_THAT(
      caller.Call<v1::ReadEventsResponse>(kReader, v1::ReadEventsRequest()),
      Succeeds());
}

TEST_F(EventsServerTest, WatchesWhatIsThereAndWhatComes) {
  members_.Write(3);
  const auto stream = Watch(1);
  EXPECT_THAT(Pull(*stream).Numbers(), ElementsAre(2, 3));
  Pull next(*stream);
  members_.Write(1);
  EXPECT_THAT(next.Numbers(), ElementsAre(4));
  Pull last(*stream);
  stream->Cancel();
  EXPECT_THAT(last.End(), FailsWith(errors::v1::CANCELLED));
}

TEST_F(EventsServerTest, WatchesInPieces) {
  members_.Write(150);
  const auto stream = Watch(0);
  EXPECT_EQ(Pull(*stream).Numbers().size(), 100u);
  EXPECT_EQ(Pull(*stream).Numbers().size(), 50u);
}

TEST_F(EventsServerTest, EndsWatchingWhenTheLogIsInterrupted) {
  const auto stream = Watch(0);
  Pull waiting(*stream);
  members_.log.Interrupt();
  EXPECT_THAT(waiting.End(), Succeeds());
  EXPECT_THAT(Pull(*Watch(0)).End(), Succeeds());
}

TEST_F(EventsServerTest, NotesHowFarAConsumerHasCome) {
  members_.Write(5);
  const auto response = Ack(3);
  ASSERT_THAT(response, Succeeds());
  EXPECT_EQ(response->latest(), 5);
  const std::string metrics = host_.host().registry.Text();
  EXPECT_THAT(metrics,
              HasSubstr("praxis_events_acked_number{source=\"services/"
                        "members\",consumer=\"discussions/access\"} 3"));
  EXPECT_THAT(
      metrics,
      HasSubstr("praxis_events_latest_number{source=\"services/members\"} 5"));
}

TEST_F(EventsServerTest, WaitsNoLongerForAConsumerThatLeaves) {
  members_.Write(5);
  ASSERT_THAT(Ack(3), Succeeds());
  EXPECT_THAT(members_.log.AwaitApplied({.deadline = absl::Now()}),
              FailsWith(errors::v1::NOT_YET_EVERYWHERE));
  const auto response = Ack(0, /*leaving=*/true);
  ASSERT_THAT(response, Succeeds());
  EXPECT_FALSE(response->has_lease());
  EXPECT_THAT(members_.log.AwaitApplied({.deadline = absl::Now()}), Succeeds());
}

TEST_F(EventsServerTest, RefusesAnAcknowledgementOfWhatIsNotThere) {
  members_.Write(5);
  EXPECT_THAT(Ack(6), FailsWith(errors::v1::FIELD_INVALID));
  EXPECT_THAT(Ack(-1), FailsWith(errors::v1::FIELD_INVALID));
  EXPECT_THAT(Ack(0), Succeeds());
}

}  // namespace
}  // namespace praxis::events
