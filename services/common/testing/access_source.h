// AccessSource: a log of who may do what, written by a test.
#ifndef SERVICES_COMMON_TESTING_ACCESS_SOURCE_H_
#define SERVICES_COMMON_TESTING_ACCESS_SOURCE_H_

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "services/common/events/log.h"
#include "services/common/sql/migrate.h"
#include "services/common/sql/sqlite.h"

namespace praxis::testing {

// A real event log over a database in memory, into which the test commits the
// changes that a projection follows. Thread-safe.
class AccessSource {
 public:
  AccessSource() : db_(*sql::OpenSqlite({})) {
    EXPECT_TRUE(sql::Migrate(*db_, {events::LogSchema()}).ok());
    log_ = std::make_unique<events::Log>(*db_, "services/members");
  }

  events::Log& log() { return *log_; }

  void SetVisibility(const std::string& scope,
                     events::v1::Visibility visibility) {
    events::v1::AccessChange change;
    change.set_scope(scope);
    change.set_visibility(visibility);
    Commit("scope.changed", std::move(change));
  }

  // ROLE_UNSPECIFIED takes the role back.
  void SetRole(const std::string& scope, const std::string& principal,
               events::v1::Role role) {
    events::v1::AccessChange change;
    change.set_scope(scope);
    change.mutable_grant()->set_principal(principal);
    change.mutable_grant()->set_role(role);
    Commit("grant.changed", std::move(change));
  }

  // The scope is gone, and every role in it with it.
  void Remove(const std::string& scope) {
    events::v1::AccessChange change;
    change.set_scope(scope);
    change.set_removed(true);
    Commit("scope.removed", std::move(change));
  }

 private:
  void Commit(const std::string& type, events::v1::AccessChange change) {
    events::v1::Event event;
    event.set_type(type);
    event.set_name(change.scope());
    *event.mutable_access() = std::move(change);
    EXPECT_TRUE(
        db_->Write([&](sql::Tx& tx) { return events::Emit(tx, event); }).ok());
  }

  std::unique_ptr<sql::Database> db_;
  std::unique_ptr<events::Log> log_;
};

}  // namespace praxis::testing

#endif  // SERVICES_COMMON_TESTING_ACCESS_SOURCE_H_
