// Whether the crash test would see it: what it looks for is done to a database
// behind the back of the suite.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/crash/budget.h"
#include "tests/crash/crew.h"
#include "tests/crash/judge.h"
#include "tests/crash/reading.h"
#include "tests/crash/stage.h"
#include "tests/system/ground.h"
#include "tests/system/waiting.h"

namespace praxis::crash {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Damage, and the objection to it.
struct Damage {
  const char* database;
  const char* sql;
  const char* objection;
};

constexpr Damage kDamages[] = {
    {"discussions", "DELETE FROM posts WHERE id = (SELECT max(id) FROM posts)",
     "is not listed"},
    {"discussions",
     "UPDATE posts SET body = 'It was mkother' "
     "WHERE id = (SELECT min(id) FROM posts)",
     "is listed with mkother"},
    {"discussions",
     "UPDATE threads SET post_count = post_count + 3 "
     "WHERE id = (SELECT min(id) FROM threads)",
     " counts "},
    {"discussions",
     "INSERT INTO events (number, time, type, name, body) "
     "SELECT (SELECT max(number) + 1 FROM events), time, type, name, body "
     "FROM events WHERE type = 'post.created' ORDER BY number LIMIT 1; "
     "NOTIFY praxis_commits",
     "is there 2 times"},
    // Two events of one object change places.
    {"discussions",
     "CREATE TEMP TABLE pair AS SELECT name, min(number) AS a, "
     "max(number) AS b FROM events GROUP BY name HAVING count(*) > 1 "
     "ORDER BY name LIMIT 1; "
     "UPDATE events SET number = -1 WHERE number = (SELECT a FROM pair); "
     "UPDATE events SET number = (SELECT a FROM pair) "
     "WHERE number = (SELECT b FROM pair); "
     "UPDATE events SET number = (SELECT b FROM pair) WHERE number = -1",
     "has version"},
    {"resources", "DELETE FROM events WHERE number = 3",
     "number 4 where 3 comes"},
    {"members",
     "DELETE FROM memberships WHERE (community_id, member_id) IN (SELECT "
     "community_id, member_id FROM memberships WHERE rank = 2 LIMIT 1)",
     "is not listed"},
};

TEST(CalibrationTest, ObjectsToEveryDamage) {
  system::Ground ground(/*with_redis=*/false);
  system::Suite suite(system::Shape::kFourProcesses, ground.OptionsFor(1));
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  Stage stage(suite, /*authors=*/5);
  Crew crew(suite, stage, TheBudget().seed);
  EXPECT_TRUE(system::Eventually([&] { return crew.acked() > 300; }));
  crew.Stop();
  const History history = crew.history();
  Record record;
  const auto objections = [&] {
    record = ReadRecord(suite, stage, history, /*searches=*/10);
    return Judge(history, record);
  };
  ASSERT_THAT(objections(), IsEmpty());
  for (const Damage& damage : kDamages) {
    ground.postgres().Query(damage.database, damage.sql);
    EXPECT_THAT(objections(), Contains(HasSubstr(damage.objection)))
        << damage.sql;
  }
  // A file is not what it was.
  ASSERT_FALSE(record.blobs.empty());
  const std::string sha256 = record.blobs.begin()->second;
  const std::string blob = system::OutputOf(
      absl::StrCat("find ", suite.folder(), "/data/blobs -type f -name '*",
                   sha256.substr(4), "'"));
  std::fstream(blob, std::ios::in | std::ios::out) << "something else";
  EXPECT_THAT(objections(), Contains(HasSubstr("not uploaded last")));
  printf("crash calibration: %zu kinds of damage, each objected to\n",
         std::size(kDamages) + 1);
}

}  // namespace
}  // namespace praxis::crash
