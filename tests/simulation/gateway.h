// GatewayReplica: a gateway that keeps what it was answered.
#ifndef TESTS_SIMULATION_GATEWAY_H_
#define TESTS_SIMULATION_GATEWAY_H_

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/simulation/kernel.h"
#include "tests/simulation/projected_tables.h"
#include "tests/simulation/projection.h"
#include "tests/simulation/tables.h"

namespace praxis::simulation {

// What gateway/cache does with the answers of services, in a world where every
// answer is one that access decides about. It follows the source as they do,
// into tables that nobody else has, and counts one change for all scopes.
class GatewayReplica final : public ProjectionReplica {
 public:
  // It asks any of `services`, which outlive it.
  GatewayReplica(const World& world, ProjectedTables& tables,
                 std::vector<ProjectionReplica*> services)
      : ProjectionReplica(world, tables), services_(std::move(services)) {}

  void Start() override;
  Process Ask(int scope) override;

  int64_t hits = 0;

 private:
  struct Kept {
    // 0: nothing.
    uint64_t generation = 0;
    int64_t version = 0;
  };

  const std::vector<ProjectionReplica*> services_;
  std::array<Kept, kScopes> kept_;
  // Up to here it knows of no changes, only that there may have been some.
  int64_t started_at_ = 0;
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_GATEWAY_H_
