// ProjectedTables: the database of a service that follows the source.
#ifndef TESTS_SIMULATION_PROJECTED_TABLES_H_
#define TESTS_SIMULATION_PROJECTED_TABLES_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/bug.h"
#include "tests/simulation/kernel.h"
#include "tests/simulation/tables.h"

namespace praxis::simulation {

// A projection's tables, which its replicas share. They judge what is done to
// them: every event that changes access takes effect once, in the order of the
// numbers, and the position is never ahead of the effects nor goes back.
class ProjectedTables {
 public:
  // What is known of a scope: the state after its change `version`. One with
  // dead letters is hidden from everyone.
  struct Scope {
    int64_t version = 0;
    bool granted = false;
    bool hidden = false;
  };

  // `refuses` tells whether events that have refusals meet them here.
  ProjectedTables(Kernel& kernel, const SourceTables& source, Bug bug,
                  bool refuses)
      : kernel_(kernel), source_(source), bug_(bug), refuses_(refuses) {}

  // Whether the database takes `event`; counts how often it did not.
  bool Takes(const EventRow& event);

  // Parts of one commit; End counts it.
  void Apply(const EventRow& event);
  void Bury(const EventRow& event);
  void SetPosition(int64_t number);
  void End() { ++commits_; }

  const Scope& scope(int i) const { return scopes_[i]; }
  int64_t position() const { return position_; }
  // Grows by one with each commit: what was read at another is old.
  uint64_t commits() const { return commits_; }
  // Number of the last event that took effect.
  int64_t effect() const { return effect_; }
  // What is wrong after everything should have been applied, or "".
  std::string Difference() const;

 private:
  void TakeEffect(const EventRow& event);

  Kernel& kernel_;
  const SourceTables& source_;
  const Bug bug_;
  const bool refuses_;
  std::array<Scope, kScopes> scopes_;
  std::map<int64_t, int> refused_;
  int64_t position_ = 0;
  int64_t effect_ = 0;
  uint64_t commits_ = 0;
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_PROJECTED_TABLES_H_
