// ProjectionTest: a projection, the log it follows and what stands between.
#ifndef SERVICES_COMMON_ACCESS_PROJECTION_FIXTURE_H_
#define SERVICES_COMMON_ACCESS_PROJECTION_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/common/access/projection.h"
#include "services/common/access/projection_store.h"
#include "services/common/events/log.h"
#include "services/common/sql/sqlite.h"
#include "services/common/status/status.h"
#include "services/common/testing/database.h"
#include "services/common/testing/door.h"
#include "services/common/testing/eventually.h"
#include "services/common/testing/matchers.h"

namespace praxis::access {

using events::v1::Event;
using testing::Door;
using testing::Eventually;
using testing::FailsWith;
using testing::Succeeds;

// Short, for a test waits until it is over.
inline constexpr absl::Duration kLease = absl::Milliseconds(300);
inline constexpr char kLean[] = "scopes/lean";
inline constexpr char kAda[] = "members/ada";
inline constexpr char kBob[] = "members/bob";

inline Event Change() {
  Event event;
  event.set_type("scope.changed");
  event.mutable_access()->set_scope(kLean);
  return event;
}
inline Event Shown(int visibility, const std::string& scope = kLean) {
  Event event = Change();
  event.mutable_access()->set_scope(scope);
  event.mutable_access()->set_visibility(static_cast<Visibility>(visibility));
  return event;
}
inline Event Granted(const std::string& principal, int role,
                     const std::string& scope = kLean) {
  Event event = Change();
  event.mutable_access()->set_scope(scope);
  event.mutable_access()->mutable_grant()->set_principal(principal);
  event.mutable_access()->mutable_grant()->set_role(static_cast<Role>(role));
  return event;
}
inline Event Removed() {
  Event event = Change();
  event.mutable_access()->set_removed(true);
  return event;
}

// A projection of a log over a database in memory, behind a door.
class ProjectionTest : public ::testing::Test {
 protected:
  ProjectionTest()
      : source_db_(*sql::OpenSqlite({})), db_(*testing::OpenTestDatabase()) {
    EXPECT_THAT(sql::Migrate(*source_db_, {events::LogSchema()}), Succeeds());
    EXPECT_THAT(sql::Migrate(*db_, {ProjectionSchema()}), Succeeds());
    log_ = std::make_unique<events::Log>(
        *source_db_, "services/members",
        events::LogOptions{.acks = {.lease = kLease}});
    door_ = std::make_unique<Door>(*log_);
    Start();
  }
  void Start() {
    projection_.reset();
    auto started = Projection::Start(*db_, *door_);
    ASSERT_THAT(started, Succeeds());
    projection_ = *std::move(started);
  }

  void Commit(const std::vector<Event>& events) {
    ASSERT_THAT(source_db_->Write([&](sql::Tx& tx) -> absl::Status {
      for (const Event& event : events) {
        RETURN_IF_ERROR(events::Emit(tx, event));
      }
      return absl::OkStatus();
    }),
                Succeeds());
  }
  // What was committed is known from here on.
  void Announce(const std::vector<Event>& events) {
    Commit(events);
    ASSERT_THAT(projection_->CatchUp(), Succeeds());
  }

  // "visibility/role"
  std::string Stands(const std::string& principal,
                     const std::string& scope = kLean) {
    const auto standing = projection_->StandingOf(principal, scope);
    EXPECT_THAT(standing, Succeeds());
    return std::to_string(standing->visibility) + "/" +
           std::to_string(standing->role);
  }

  // Whether the lease has come and all is applied that it asks for.
  bool HoldsSoon() {
    return Eventually([&] {
      const int before = door_->reads;
      EXPECT_THAT(projection_->StandingOf(kAda, kLean), Succeeds());
      return door_->reads == before;
    });
  }

  int64_t DeadLetters() {
    int64_t count = -1;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(count, CountDeadLetters(reader));
      return absl::OkStatus();
    }),
                Succeeds());
    return count;
  }

  int64_t StoredPosition() {
    int64_t number = -1;
    EXPECT_THAT(db_->Read([&](sql::Reader& reader) {
      return reader.Query("SELECT number FROM access_positions", {},
                          [&](const sql::Row& row) {
                            number = row.Int(0);
                            return absl::OkStatus();
                          });
    }),
                Succeeds());
    return number;
  }

  std::unique_ptr<sql::Database> source_db_;
  std::unique_ptr<sql::Database> db_;
  std::unique_ptr<events::Log> log_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<Projection> projection_;
};

}  // namespace praxis::access

#endif  // SERVICES_COMMON_ACCESS_PROJECTION_FIXTURE_H_
