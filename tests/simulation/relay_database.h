// RelayDatabase: the source's tables as the real events::Relay sees them.
#ifndef TESTS_SIMULATION_RELAY_DATABASE_H_
#define TESTS_SIMULATION_RELAY_DATABASE_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/common/events/publisher.h"
#include "services/common/sql/database.h"
#include "tests/simulation/bug.h"
#include "tests/simulation/kernel.h"
#include "tests/simulation/tables.h"

namespace praxis::simulation {

// Answers the relay's statements, known by their text, with PostgreSQL's
// repeatable read: a transaction sees the commits before its first statement,
// and one that would change a row that was changed since begins anew. Each
// statement takes simulated time, in which all others go on; a connection whose
// process has died answers nothing but errors.
class RelayDatabase : public sql::Database {
 public:
  // `publisher` is for one of the bugs.
  RelayDatabase(Kernel& kernel, SourceTables& tables, const Node& node,
                events::Publisher& publisher, Bug bug)
      : kernel_(kernel),
        tables_(tables),
        node_(node),
        life_(node.life()),
        publisher_(publisher),
        bug_(bug) {}

  absl::Status Read(absl::FunctionRef<absl::Status(sql::Reader&)> body,
                    const sql::Limit& limit) override;
  absl::Status Write(absl::FunctionRef<absl::Status(sql::Tx&)> body,
                     const sql::WriteOptions& options) override;
  absl::Status Script(const std::string&) override;
  void OnCommit(std::function<void()>) override {}
  absl::Status Check() override { return absl::OkStatus(); }
  sql::Dialect dialect() const override { return sql::Dialect::kPostgres; }

 private:
  class Transaction;

  // The statements have changed: so must this.
  absl::Status Unknown(absl::string_view sql);
  // On the way to the server or back.
  absl::Status Step();

  Kernel& kernel_;
  SourceTables& tables_;
  const Node& node_;
  const int life_;
  events::Publisher& publisher_;
  const Bug bug_;
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_RELAY_DATABASE_H_
