#include "services/common/events/stream/stream_publisher.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"
#include "services/common/testing/redis.h"

namespace praxis::events::stream {
namespace {

using errors::v1::BACKEND_UNAVAILABLE;
using testing::Eventually;
using testing::FailsWith;
using testing::RedisServer;
using testing::Succeeds;

constexpr char kKey[] = "praxis:things:events";

// Numbers `from` to `to`.
std::vector<v1::Event> Events(int64_t from, int64_t to) {
  std::vector<v1::Event> events;
  for (int64_t number = from; number <= to; ++number) {
    v1::Event& event = events.emplace_back();
    event.set_number(number);
    event.set_source("services/things");
    event.set_type("thing.made");
    event.set_name("things/a");
    event.mutable_time()->set_seconds(1'700'000'000);
    event.mutable_time()->set_nanos(5'000'000);
  }
  return events;
}

class StreamPublisherTest : public ::testing::Test {
 protected:
  explicit StreamPublisherTest(std::vector<std::string> settings = {})
      : server_(std::move(settings)),
        client_(server_.ClientOptions("events"), registry_),
        publisher_(client_, "services/things") {}

  // What XRANGE shows of an entry, line by line.
  std::string Entry(const std::string& id) {
    return server_.Run({"XRANGE", kKey, id, id});
  }
  std::string Length() { return server_.Run({"XLEN", kKey}); }

  telemetry::Registry registry_;
  RedisServer server_;
  redis::Client client_;
  StreamPublisher publisher_;
};

TEST_F(StreamPublisherTest, WritesEachEventAsACloudEvent) {
  const std::vector<v1::Event> events = Events(1, 2);
  ASSERT_THAT(publisher_.Publish(events), Succeeds());
  EXPECT_EQ(Entry("2-0"),
            "2-0\nspecversion\n1.0\nid\n2\nsource\nservices/things\n"
            "type\nthing.made\nsubject\nthings/a\n"
            "time\n2023-11-14T22:13:20.005+00:00\n"
            "datacontenttype\napplication/protobuf\ndata\n" +
                events[1].SerializeAsString());
  EXPECT_EQ(Length(), "2");
}

TEST_F(StreamPublisherTest, TellsTheNewestNumberAlsoOfWhatWasTrimmed) {
  EXPECT_EQ(*publisher_.Last(), 0);
  ASSERT_THAT(publisher_.Publish(Events(1, 7)), Succeeds());
  EXPECT_EQ(*publisher_.Last(), 7);
  server_.Run({"XTRIM", kKey, "MAXLEN", "0"});
  EXPECT_EQ(*publisher_.Last(), 7);
  server_.Run({"FLUSHALL"});
  EXPECT_EQ(*publisher_.Last(), 0);
}

TEST_F(StreamPublisherTest, NeitherDoublesNorReordersWhatALateRelayPublishes) {
  ASSERT_THAT(publisher_.Publish(Events(1, 5)), Succeeds());
  ASSERT_THAT(publisher_.Publish(Events(3, 7)), Succeeds());
  ASSERT_THAT(publisher_.Publish(Events(1, 2)), Succeeds());
  EXPECT_EQ(Length(), "7");
  EXPECT_EQ(*publisher_.Last(), 7);
  EXPECT_THAT(publisher_.Publish({}), Succeeds());
}

TEST_F(StreamPublisherTest, SendsMoreThanOneRoundTripTakes) {
  std::vector<v1::Event> events = Events(1, 50);
  for (v1::Event& event : events) event.set_trace_id(std::string(20'000, 't'));
  ASSERT_THAT(publisher_.Publish(events), Succeeds());
  EXPECT_EQ(Length(), "50");
}

TEST_F(StreamPublisherTest, TrimsTheStreamToAboutItsLimit) {
  StreamPublisher publisher(client_, "services/things", {.events_max = 100});
  ASSERT_THAT(publisher.Publish(Events(1, 2000)), Succeeds());
  EXPECT_LE(std::stoi(Length()), 200);
  EXPECT_GE(std::stoi(Length()), 100);
}

TEST_F(StreamPublisherTest, FailsWhileRedisIsAwayAndGoesOnAfterIt) {
  server_.Stop();
  EXPECT_THAT(publisher_.Last(), FailsWith(BACKEND_UNAVAILABLE));
  EXPECT_THAT(publisher_.Publish(Events(1, 1)), FailsWith(BACKEND_UNAVAILABLE));
  server_.Restart();
  EXPECT_TRUE(
      Eventually([&] { return publisher_.Publish(Events(2, 3)).ok(); }));
  EXPECT_EQ(Length(), "2");
}

class FullStreamPublisherTest : public StreamPublisherTest {
 protected:
  FullStreamPublisherTest()
      : StreamPublisherTest({"maxmemory 4mb", "maxmemory-policy noeviction"}) {}
};

// The stream's own limit is far away when Redis has no memory left.
TEST_F(FullStreamPublisherTest, DropsOldEventsWhenRedisIsOutOfMemory) {
  std::vector<v1::Event> events = Events(1, 300);
  int failures = 0;
  for (v1::Event& event : events) {
    event.set_trace_id(std::string(50'000, 't'));
    ASSERT_TRUE(Eventually([&] {
      const absl::Status status = publisher_.Publish({event});
      if (status.ok()) return true;
      EXPECT_THAT(status, FailsWith(BACKEND_UNAVAILABLE));
      ++failures;
      return false;
    }));
  }
  EXPECT_GT(failures, 0);
  EXPECT_EQ(*publisher_.Last(), 300);
}

}  // namespace
}  // namespace praxis::events::stream
