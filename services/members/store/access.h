// Who may do what, read from where it is decided.
#ifndef SERVICES_MEMBERS_STORE_ACCESS_H_
#define SERVICES_MEMBERS_STORE_ACCESS_H_

#include "services/common/access/access.h"
#include "services/common/sql/database.h"

namespace praxis::members::store {

// The access port of this service: its own tables. Two point reads a call, no
// copy and no delay: what was committed is what it answers, so there is nothing
// to catch up with. Thread-safe.
class StoredAccess : public access::Access {
 public:
  explicit StoredAccess(sql::Database& db) : db_(db) {}

  absl::StatusOr<access::Standing> StandingOf(absl::string_view principal,
                                              absl::string_view scope) override;
  absl::Status CatchUp() override { return absl::OkStatus(); }

 private:
  sql::Database& db_;
};

}  // namespace praxis::members::store

#endif  // SERVICES_MEMBERS_STORE_ACCESS_H_
