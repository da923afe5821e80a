// SourceTables: the database of the service whose events are followed.
#ifndef TESTS_SIMULATION_TABLES_H_
#define TESTS_SIMULATION_TABLES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "services/common/events/lease_view.h"
#include "tests/simulation/bug.h"
#include "tests/simulation/kernel.h"

namespace praxis::simulation {

// Scopes, each with one principal who has a role there or not.
constexpr int kScopes = 4;

// A row of the table events. Most say who may do what in a scope.
struct EventRow {
  int64_t id = 0;
  int64_t number = 0;
  int scope = 0;
  // How many changes the scope has had; 0 when access is not changed.
  int64_t version = 0;
  bool granted = false;
  // How often each consumer's database refuses it.
  int refusals = 0;
  // Counted in commits; 0: not yet.
  uint64_t committed_at = 0;
  uint64_t numbered_at = 0;
  std::string body;
};

// As PostgreSQL keeps them: ids are given at insert and commits come in any
// order; a read sees what is committed at one moment. With `in_process`, as
// SQLite does: one writer, which gives the numbers as it commits.
class SourceTables {
 public:
  // One row of event_relay.
  struct RelayRow {
    std::string holder;
    int64_t expire_time = 0;
    int64_t number = 0;
    uint64_t changed_at = 0;
    bool locked = false;
  };
  struct Scope {
    int64_t version = 0;
    bool granted = false;
    bool locked = false;
  };

  SourceTables(Kernel& kernel, Bug bug, bool in_process)
      : in_process(in_process), kernel_(kernel), bug_(bug) {}

  // Adds an event to a transaction that is open; answers its id.
  int64_t Insert(EventRow row);
  // Commits the event and what it says of its scope.
  void Commit(int64_t id);
  // Numbers have no holes and are for ever: that is judged here.
  void GiveNumber(int64_t id, int64_t number);

  EventRow& row(int64_t id) { return rows_[id - 1]; }
  const std::vector<EventRow>& rows() const { return rows_; }
  int64_t newest() const { return static_cast<int64_t>(numbered_.size()); }
  // The id of the event of `number`, which is there.
  int64_t IdOf(int64_t number) const { return numbered_[number - 1]; }
  // All committed events have a number.
  bool AllNumbered() const;

  // The row of `consumer`, or null.
  events::Acknowledgement* AckOf(const std::string& consumer);
  void PutAck(const std::string& consumer, int64_t number);
  // Unless it has another beat by now.
  void ForgetAck(const events::Acknowledgement& ack);

  const bool in_process;
  uint64_t commits = 0;
  RelayRow relay;
  std::array<Scope, kScopes> scopes;
  std::vector<events::Acknowledgement> acks;
  // Somebody has committed.
  Signal committed;

 private:
  Kernel& kernel_;
  const Bug bug_;
  int64_t beats_ = 0;
  std::vector<EventRow> rows_;
  // The id of each number.
  std::vector<int64_t> numbered_;
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_TABLES_H_
