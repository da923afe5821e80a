#include "services/common/sql/postgres_address.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// As libpq sees it: the last one counts.
std::string Last(const PostgresParameters& parameters,
                 const std::string& keyword) {
  std::string last;
  for (const auto& [name, value] : parameters) {
    if (name == keyword) last = value;
  }
  return last;
}

TEST(PostgresAddressTest, MakesOneOfEachHost) {
  const auto addresses =
      *PostgresAddresses("host=a,b,c port=1,2,3 dbname=d", "x");
  ASSERT_EQ(addresses.size(), 3);
  EXPECT_EQ(Last(addresses[0], "host"), "a");
  EXPECT_EQ(Last(addresses[2], "host"), "c");
  EXPECT_EQ(Last(addresses[2], "port"), "3");
}

TEST(PostgresAddressTest, SharesTheOnlyPortAmongHosts) {
  const auto addresses = *PostgresAddresses("postgresql://u@a,b:7/d", "x");
  ASSERT_EQ(addresses.size(), 2);
  EXPECT_EQ(Last(addresses[1], "host"), "b");
  EXPECT_EQ(Last(*PostgresAddresses("host=a,b port=7", "x")->rbegin(), "port"),
            "7");
}

TEST(PostgresAddressTest, AsksForAServerThatTakesWrites) {
  const auto addresses =
      *PostgresAddresses("host=a target_session_attrs=any", "members");
  EXPECT_EQ(Last(addresses[0], "target_session_attrs"), "read-write");
  EXPECT_EQ(Last(addresses[0], "client_encoding"), "UTF8");
  EXPECT_EQ(Last(addresses[0], "application_name"), "praxis-members");
}

TEST(PostgresAddressTest, KeepsTheSessionOptionsOfTheConninfo) {
  const auto addresses =
      *PostgresAddresses("host=a options='-c search_path=s'", "x");
  EXPECT_THAT(Last(addresses[0], "options"), HasSubstr("-c search_path=s"));
  EXPECT_THAT(Last(addresses[0], "options"), HasSubstr("statement_timeout"));
}

TEST(PostgresAddressTest, RefusesWhatItCannotReadAndRepeatsNothingOfIt) {
  const auto addresses = PostgresAddresses("password=hunter2 oops", "x");
  EXPECT_THAT(addresses, FailsWith(Reason::FIELD_INVALID));
  EXPECT_THAT(std::string(addresses.status().message()),
              Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace praxis::sql
