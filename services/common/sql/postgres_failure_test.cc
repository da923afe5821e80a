#include "services/common/sql/postgres_failure.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/status/status.h"
#include "services/common/testing/matchers.h"

namespace praxis::sql {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PostgresFailureTest, SaysWhatIsToBeDone) {
  const struct {
    const char* sqlstate;
    Reason reason;
    PostgresRemedy remedy;
  } cases[] = {
      {"23505", Reason::NAME_TAKEN, PostgresRemedy::kNone},
      {"40001", Reason::OVERLOADED, PostgresRemedy::kRerun},
      {"40P01", Reason::OVERLOADED, PostgresRemedy::kRerun},
      {"57014", Reason::DEADLINE_EXCEEDED, PostgresRemedy::kNone},
      {"22021", Reason::FIELD_INVALID, PostgresRemedy::kNone},
      {"08006", Reason::STORAGE_UNAVAILABLE, PostgresRemedy::kReconnect},
      {"57P01", Reason::STORAGE_UNAVAILABLE, PostgresRemedy::kReconnect},
      {"57P03", Reason::STORAGE_UNAVAILABLE, PostgresRemedy::kReconnect},
      {"25006", Reason::STORAGE_UNAVAILABLE, PostgresRemedy::kReconnect},
      {"53100", Reason::STORAGE_UNAVAILABLE, PostgresRemedy::kNone},
      {"55P03", Reason::STORAGE_UNAVAILABLE, PostgresRemedy::kNone},
      {"XX001", Reason::STORAGE_UNAVAILABLE, PostgresRemedy::kNone},
      // A wrong number of parameters, though of the class of connections.
      {"08P01", Reason::INTERNAL, PostgresRemedy::kNone},
      {"42P01", Reason::INTERNAL, PostgresRemedy::kNone},
      {"23502", Reason::INTERNAL, PostgresRemedy::kNone},
  };
  for (const auto& test : cases) {
    const PostgresFailure failure = FailureOf(test.sqlstate, "why", "SELECT");
    EXPECT_THAT(failure.status, FailsWith(test.reason)) << test.sqlstate;
    EXPECT_EQ(failure.remedy, test.remedy) << test.sqlstate;
  }
}

TEST(PostgresFailureTest, TellsAStalePlanFromWhatIsNotSupported) {
  EXPECT_EQ(
      FailureOf("0A000", "cached plan must not change result type", "").remedy,
      PostgresRemedy::kReconnect);
  EXPECT_EQ(FailureOf("0A000", "no such feature", "").remedy,
            PostgresRemedy::kNone);
}

TEST(PostgresFailureTest, KeepsDetailsOutOfTheStatus) {
  for (const char* sqlstate : {"23505", "42P01", "57P01", "53100"}) {
    const absl::Status status =
        FailureOf(sqlstate, "relation secret", "SELECT secret").status;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  }
  EXPECT_THAT(std::string(ConnectionFailure("secret").status.message()),
              Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace praxis::sql
