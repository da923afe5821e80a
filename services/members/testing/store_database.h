// StoreTest: this service's tables, empty, for the tests of a store.
#ifndef SERVICES_MEMBERS_TESTING_STORE_DATABASE_H_
#define SERVICES_MEMBERS_TESTING_STORE_DATABASE_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "services/common/sql/database.h"
#include "services/common/sql/migrate.h"
#include "services/common/testing/database.h"
#include "services/members/schema/schema.h"

namespace praxis::members {

// A database with the newest schema.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    absl::StatusOr<std::unique_ptr<sql::Database>> db =
        testing::OpenTestDatabase();
    EXPECT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
    const absl::Status migrated = sql::Migrate(*db_, {MembersSchema()});
    EXPECT_TRUE(migrated.ok()) << migrated;
  }

  absl::Status Write(absl::FunctionRef<absl::Status(sql::Tx&)> body) {
    return db_->Write(body);
  }

  // What `query` (Reader& -> StatusOr) answers.
  template <typename Query>
  auto Read(Query query) -> std::invoke_result_t<Query, sql::Reader&> {
    std::invoke_result_t<Query, sql::Reader&> result = absl::UnknownError("");
    const absl::Status status =
        db_->Read([&](sql::Reader& reader) -> absl::Status {
          result = query(reader);
          return result.status();
        });
    if (!status.ok()) return status;
    return result;
  }

  const absl::Time now_ = absl::FromUnixMicros(1'700'000'000'000'001);
  std::unique_ptr<sql::Database> db_;
};

}  // namespace praxis::members

#endif  // SERVICES_MEMBERS_TESTING_STORE_DATABASE_H_
