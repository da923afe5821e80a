#include "services/common/events/stream/stream_source.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/events/stream/stream_publisher.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/common/testing/redis.h"

namespace praxis::events::stream {
namespace {

using ::testing::ElementsAre;
using testing::Eventually;
using ::testing::IsEmpty;
using testing::Succeeds;

constexpr absl::Duration kLong = absl::Seconds(20);
constexpr char kKey[] = "praxis:things:events";

// The log, and how often it was asked for what comes next.
class CountedLog : public Log {
 public:
  using Log::Log;
  absl::StatusOr<v1::ReadEventsResponse> Next(int64_t after, int limit,
                                              absl::Duration timeout) override {
    ++nexts;
    least_timeout = std::min(least_timeout, timeout);
    return Log::Next(after, limit, timeout);
  }
  std::atomic<int> nexts = 0;
  absl::Duration least_timeout = absl::InfiniteDuration();
};

class StreamSourceTest : public ::testing::Test {
 protected:
  StreamSourceTest()
      : db_(*sql::OpenSqlite({})),
        client_(server_.ClientOptions("events"), registry_) {
    EXPECT_THAT(sql::Migrate(*db_, {LogSchema()}), Succeeds());
    log_ = std::make_unique<CountedLog>(*db_, "services/things");
    source_ = std::make_unique<StreamSource>(*log_, client_);
  }
  ~StreamSourceTest() override { source_->Interrupt(); }

  // Commits so many events.
  void Commit(int count) {
    EXPECT_THAT(db_->Write([&](sql::Tx& tx) -> absl::Status {
      for (int i = 0; i < count; ++i) {
        v1::Event event;
        event.set_type("thing.made");
        event.set_name("things/a");
        RETURN_IF_ERROR(Emit(tx, event));
      }
      return absl::OkStatus();
    }),
                Succeeds());
  }

  // Publishes what was committed after `after`, until Redis takes it.
  void Publish(int64_t after, StreamPublisher::Options options = {}) {
    StreamPublisher publisher(client_, "services/things", options);
    const auto batch = log_->Read(after, 1000);
    ASSERT_THAT(batch, Succeeds());
    const std::vector<v1::Event> events(batch->events().begin(),
                                        batch->events().end());
    ASSERT_TRUE(Eventually([&] { return publisher.Publish(events).ok(); }));
  }

  // The numbers of what comes next.
  std::vector<int64_t> Next(int64_t after, int limit = 100,
                            absl::Duration timeout = kLong) {
    const auto response = source_->Next(after, limit, timeout);
    EXPECT_THAT(response, Succeeds());
    std::vector<int64_t> numbers;
    for (const v1::Event& event : response->events()) {
      EXPECT_EQ(event.name(), "things/a");
      numbers.push_back(event.number());
    }
    return numbers;
  }

  // Reads as a consumer does, until it has come to `last`; nothing is left out.
  void Follow(int64_t last) {
    int64_t position = 0;
    while (position < last) {
      std::vector<int64_t> numbers = Next(position, 7);
      // Silence.
      if (numbers.empty()) {
        const auto read = log_->Read(position, 1000);
        ASSERT_THAT(read, Succeeds());
        for (const v1::Event& event : read->events()) {
          numbers.push_back(event.number());
        }
      }
      for (const int64_t number : numbers) ASSERT_EQ(number, ++position);
    }
  }

  uint64_t RedisCalls() {
    return registry_
        .FindCounter("praxis_redis_calls_total",
                     "Calls to Redis, refused ones not counted.",
                     {{"role", "events"}})
        .value();
  }

  bool SomebodyWaits() {
    return server_.Run({"INFO", "clients"}).find("blocked_clients:1") !=
           std::string::npos;
  }

  telemetry::Registry registry_;
  testing::RedisServer server_;
  std::unique_ptr<sql::Database> db_;
  redis::Client client_;
  std::unique_ptr<CountedLog> log_;
  std::unique_ptr<StreamSource> source_;
};

TEST_F(StreamSourceTest, TakesEventsFromTheStreamAlone) {
  Commit(3);
  Publish(0);
  EXPECT_THAT(Next(0), ElementsAre(1, 2, 3));
  EXPECT_THAT(Next(1, 1), ElementsAre(2));
  EXPECT_EQ(log_->nexts, 0);
  EXPECT_EQ(source_->Next(0, 2, kLong)->latest(), 2);
}

TEST_F(StreamSourceTest, HearsOfAnEventThatIsPublishedWhileItWaits) {
  Commit(1);
  std::thread waiting([&] {
    while (true) {
      const std::vector<int64_t> numbers = Next(0);
      if (numbers.empty()) continue;
      EXPECT_THAT(numbers, ElementsAre(1));
      break;
    }
  });
  EXPECT_TRUE(Eventually([&] { return SomebodyWaits(); }));
  Publish(0);
  waiting.join();
  EXPECT_EQ(log_->nexts, 0);
}

TEST_F(StreamSourceTest, AsksTheSourceForWhatWasTrimmedBeforeItWasRead) {
  Commit(500);
  Publish(0, {.events_max = 10});
  EXPECT_THAT(Next(0, 2), ElementsAre(1, 2));
  EXPECT_EQ(log_->nexts, 1);
  Follow(500);
  const int nexts = log_->nexts;
  EXPECT_THAT(Next(498), ElementsAre(499, 500));
  EXPECT_EQ(log_->nexts, nexts);
}

TEST_F(StreamSourceTest, AsksTheSourceForAHoleInTheMiddle) {
  Commit(5);
  Publish(0);
  server_.Run({"XDEL", kKey, "3-0"});
  EXPECT_THAT(Next(0), ElementsAre(1, 2));
  EXPECT_EQ(log_->nexts, 0);
  EXPECT_THAT(Next(2), ElementsAre(3, 4, 5));
  EXPECT_EQ(log_->nexts, 1);
}

TEST_F(StreamSourceTest, AsksTheSourceForWhatItCannotRead) {
  Commit(4);
  v1::Event foreign = log_->Read(0, 1)->events(0);
  foreign.set_source("services/others");
  server_.Run({"XADD", kKey, "1-0", "data", foreign.SerializeAsString()});
  server_.Run({"XADD", kKey, "2-0", "data", "\xff"});
  server_.Run({"XADD", kKey, "3-0", "other", "field"});
  // As it was not made by a relay: two entries in one number.
  server_.Run({"XADD", kKey, "4-1", "data", foreign.SerializeAsString()});
  for (int64_t after = 0; after < 4; ++after) {
    EXPECT_THAT(Next(after, 1), ElementsAre(after + 1));
    EXPECT_EQ(log_->nexts, after + 1);
  }
  server_.Run({"DEL", kKey});
  server_.Run({"SET", kKey, "no stream"});
  EXPECT_THAT(Next(3), ElementsAre(4));
}

TEST_F(StreamSourceTest, LeavesNothingOutWhenRedisIsFlushedUnderIt) {
  std::thread writing([&] {
    for (int i = 0; i < 100; ++i) {
      Commit(10);
      Publish(10 * i);
      if (i % 30 == 15) server_.Run({"FLUSHALL"});
    }
  });
  Follow(1000);
  writing.join();
  server_.Run({"FLUSHALL"});
  Follow(1000);
}

TEST_F(StreamSourceTest, EndsWithNothingWhenTheStreamHasLostItsNewest) {
  Commit(3);
  Publish(0);
  server_.Run({"FLUSHALL"});
  EXPECT_THAT(Next(2), IsEmpty());
  EXPECT_EQ(log_->nexts, 0);
  Follow(3);
}

TEST_F(StreamSourceTest, AsksTheSourceWhileRedisIsAway) {
  Commit(2);
  Publish(0);
  server_.Stop();
  EXPECT_THAT(Next(0), ElementsAre(1, 2));
  // The source does the waiting: a consumer does not spin.
  EXPECT_THAT(Next(2, 100, absl::Milliseconds(200)), IsEmpty());
  EXPECT_EQ(log_->nexts, 2);
  EXPECT_GT(log_->least_timeout, absl::ZeroDuration());

  server_.Restart();
  Publish(0);
  EXPECT_TRUE(Eventually([&] {
    const int before = log_->nexts;
    EXPECT_THAT(Next(0), ElementsAre(1, 2));
    return log_->nexts == before;
  }));
}

TEST_F(StreamSourceTest, AsksTheSourceWhenRedisHangs) {
  redis::Client client(server_.ClientOptions("events", absl::Milliseconds(50)),
                       registry_);
  StreamSource hasty(*log_, client);
  Commit(2);
  Publish(0);
  server_.Pause();
  const auto response = hasty.Next(0, 100, kLong);
  ASSERT_THAT(response, Succeeds());
  EXPECT_EQ(response->events_size(), 2);
  EXPECT_EQ(log_->nexts, 1);
}

TEST_F(StreamSourceTest, EndsItsWaitsWhenItIsInterrupted) {
  std::thread waiting([&] { Next(0); });
  EXPECT_TRUE(Eventually([&] { return SomebodyWaits(); }));
  source_->Interrupt();
  waiting.join();
  // From here on none begins.
  const uint64_t calls = RedisCalls();
  EXPECT_THAT(Next(0, 100, absl::Hours(1)), IsEmpty());
  EXPECT_EQ(RedisCalls(), calls);
}

TEST_F(StreamSourceTest, EndsTheWaitsUnderWayWhenItIsWoken) {
  std::atomic<bool> leaves = false;
  std::thread waiting([&] {
    while (!leaves) Next(0, 100, absl::Milliseconds(900));
  });
  EXPECT_TRUE(Eventually([&] { return SomebodyWaits(); }));
  leaves = true;
  source_->Wake();
  waiting.join();
  Commit(1);
  Publish(0);
  EXPECT_THAT(Next(0), ElementsAre(1));
}

}  // namespace
}  // namespace praxis::events::stream
