// Transactions that commit late, and relays that stand still: PostgreSQL alone.
#include <csignal>
#include <cstdio>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/chaos/effort.h"
#include "tests/chaos/lag.h"
#include "tests/system/ground.h"
#include "tests/system/waiting.h"

namespace praxis::chaos {
namespace {

constexpr char kInsert[] =
    "INSERT INTO events (time, type, name, body) "
    "VALUES (0, '$', 'test', '\\x');";
constexpr char kNotify[] = "NOTIFY praxis_commits;";

class RelayTest : public ::testing::Test {
 protected:
  RelayTest() : suite_(system::Shape::kFourProcesses, Options()) {}
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(suite_.Start());
    news_ = std::make_unique<Newsmaker>(suite_);
  }

  system::Suite::Options Options() const {
    system::Suite::Options options = ground_.OptionsFor(/*replicas=*/2);
    options.service_metrics = true;
    return options;
  }

  std::string Query(const std::string& sql) const {
    return ground_.postgres().Query("members", sql);
  }
  static std::string Insert(const std::string& type) {
    std::string sql = kInsert;
    return sql.replace(sql.find('$'), 1, type);
  }
  int64_t NumberOf(const std::string& type) const {
    int64_t number = 0;
    absl::SimpleAtoi(
        Query(absl::StrCat("SELECT number FROM events WHERE type = '", type,
                           "'")),
        &number);
    return number;
  }

  // Every event has its number, and every projection has come to the last.
  void ExpectAllNumbered() {
    EXPECT_TRUE(system::Eventually([&] {
      return Query("SELECT count(*) FROM events WHERE number IS NULL") == "0";
    }));
    EXPECT_EQ(Query("SELECT min(number) = 1 AND max(number) = count(*) AND "
                    "count(DISTINCT number) = count(*) FROM events"),
              "t");
    double last = 0;
    EXPECT_TRUE(
        absl::SimpleAtod(Query("SELECT max(number) FROM events"), &last));
    for (const char* part :
         {"discussions", "discussions-2", "resources", "resources-2"}) {
      EXPECT_TRUE(system::Eventually(
          [&] {
            return MetricOf(suite_.metrics_port(part),
                            "praxis_access_position") == last;
          },
          absl::Seconds(5)))
          << part;
    }
  }

  mutable system::Ground ground_;
  system::Suite suite_;
  std::unique_ptr<Newsmaker> news_;
};

TEST_F(RelayTest, NumbersWhatCommitsLateAfterWhatOvertookIt) {
  for (int i = 0; i < Scaled(1); ++i) {
    const std::string late = absl::StrCat("late.", i);
    std::thread transaction([&] {
      Query(absl::StrCat("BEGIN;", Insert(late), "SELECT pg_sleep(1); COMMIT;",
                         kNotify));
    });
    // It has an id and is not committed.
    EXPECT_TRUE(system::Eventually([&] {
      return Query(
                 "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE "
                 "'%pg_sleep%' AND state = 'active' AND pid <> "
                 "pg_backend_pid()") == "t";
    }));
    EXPECT_TRUE(news_->MakeNews("discussions-2", absl::Seconds(5)).has_value());
    const std::string overtaking = Query("SELECT max(number) FROM events");
    transaction.join();
    ExpectAllNumbered();
    int64_t before = 0;
    EXPECT_TRUE(absl::SimpleAtoi(overtaking, &before));
    EXPECT_GT(NumberOf(late), before);
  }
  printf("chaos relay: %d late commits numbered after what overtook them\n",
         Scaled(1));
}

TEST_F(RelayTest, HasOneRelayWhoeverStandsStillAndComesBack) {
  const int rounds = Scaled(2);
  for (int i = 0; i < rounds; ++i) {
    system::Process& still =
        suite_.process(i % 2 == 0 ? "members" : "members-2");
    still.Signal(SIGSTOP);
    for (int j = 0; j < 5; ++j) {
      Query(absl::StrCat(Insert(absl::StrCat("still.", i, ".", j)), kNotify));
    }
    EXPECT_TRUE(system::Eventually([&] {
      return Query("SELECT count(*) FROM events WHERE number IS NULL") == "0";
    })) << "nobody took over from "
        << still.name();
    still.Signal(SIGCONT);
    for (int j = 0; j < 5; ++j) {
      Query(absl::StrCat(Insert(absl::StrCat("back.", i, ".", j)), kNotify));
    }
    ExpectAllNumbered();
    // One after the other: so are their numbers.
    EXPECT_EQ(Query("SELECT bool_and(ok) FROM (SELECT number > lag(number, 1, "
                    "0::bigint) OVER (ORDER BY id) AS ok FROM events) AS e"),
              "t");
  }
  printf("chaos relay: %d relays stood still and came back, no number twice\n",
         rounds);
}

}  // namespace
}  // namespace praxis::chaos
