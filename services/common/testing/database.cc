#include "services/common/testing/database.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/common/sql/open.h"

namespace praxis::testing {
namespace {

std::string Cluster() {
  const char* conninfo = std::getenv("PRAXIS_TEST_POSTGRES");
  return conninfo == nullptr ? "" : conninfo;
}

}  // namespace

bool OnPostgres() { return !Cluster().empty(); }

std::string TestPostgres() {
  if (!OnPostgres()) return "";
  static std::atomic<int> made{0};
  const std::string schema =
      absl::StrCat("test_", getpid(), "_", absl::ToUnixMicros(absl::Now()), "_",
                   made.fetch_add(1));
  const auto cluster = sql::Open({.postgres = Cluster(), .name = "test"});
  EXPECT_TRUE(cluster.ok()) << cluster.status();
  const absl::Status status =
      (*cluster)->Script(absl::StrCat("CREATE SCHEMA ", schema));
  EXPECT_TRUE(status.ok()) << status;
  return absl::StrCat(Cluster(), " options='-c search_path=", schema, "'");
}

absl::StatusOr<std::unique_ptr<sql::Database>> OpenTestDatabase() {
  return sql::Open({.postgres = TestPostgres(), .name = "test"});
}

}  // namespace praxis::testing
