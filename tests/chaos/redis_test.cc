// Redis goes, stalls, forgets and fills up while people read and write.
#include <csignal>
#include <cstdio>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/chaos/effort.h"
#include "tests/chaos/lag.h"
#include "tests/chaos/load.h"
#include "tests/system/ground.h"

namespace praxis::chaos {
namespace {

// Events are with the consumers again so long after Redis came back.
constexpr absl::Duration kBack = absl::Seconds(5);
constexpr char kConsumer[] = "discussions-2";

class RedisTest : public ::testing::Test {
 protected:
  RedisTest() : suite_(system::Shape::kFourProcesses, Options()) {}
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(suite_.Start());
    load_ = std::make_unique<Load>(suite_, /*readers=*/4, /*writers=*/4);
    news_ = std::make_unique<Newsmaker>(suite_);
  }
  void TearDown() override { load_.reset(); }

  system::Suite::Options Options() const {
    system::Suite::Options options = ground_.OptionsFor(/*replicas=*/2);
    options.service_metrics = true;
    return options;
  }

  // What people see for a while, of which no write may fail.
  void Watch(const std::string& what) {
    load_->Take();
    load_->AwaitCalls(Scaled(1'000), Scaled(300));
    Report(what);
  }

  void Report(const std::string& what) {
    const Fare fare = load_->Take();
    EXPECT_EQ(fare.failed_writes(), 0) << what;
    EXPECT_EQ(fare.failed_reads(), 0) << what;
    printf("chaos redis, %s: %s\n", what.c_str(), Summary(fare).c_str());
  }

  void ExpectNews(const std::string& when, absl::Duration limit) {
    const auto lag = news_->MakeNews(kConsumer, limit);
    EXPECT_TRUE(lag.has_value()) << when;
    printf("chaos redis, %s: events at the consumer after %.1f ms\n",
           when.c_str(),
           absl::ToDoubleMilliseconds(lag.value_or(absl::InfiniteDuration())));
  }

  system::Ground ground_;
  system::Suite suite_;
  std::unique_ptr<Load> load_;
  std::unique_ptr<Newsmaker> news_;
};

TEST_F(RedisTest, MakesNoWriteFailWhateverItDoes) {
  system::RedisServer& redis = ground_.redis();
  Watch("as ever");
  ExpectNews("as ever", kBack);

  redis.Kill();
  Watch("killed");
  ExpectNews("killed", kBack);
  redis.Start();
  ExpectNews("back without its data", kBack);
  Watch("back without its data");

  redis.Signal(SIGSTOP);
  Watch("stopped");
  ExpectNews("stopped", kBack);
  redis.Signal(SIGCONT);
  ExpectNews("going on", kBack);
  Watch("going on");

  redis.Command("FLUSHALL");
  ExpectNews("flushed", kBack);
  Watch("flushed");

  redis.Command("CONFIG SET maxmemory 1mb");
  Watch("out of memory");
  ExpectNews("out of memory", kBack);
  redis.Command("CONFIG SET maxmemory 0");
  ExpectNews("with memory again", kBack);
}

}  // namespace
}  // namespace praxis::chaos
