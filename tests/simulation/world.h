// World: one run, from its seed to its judgement.
#ifndef TESTS_SIMULATION_WORLD_H_
#define TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/bug.h"
#include "tests/simulation/cached.h"
#include "tests/simulation/gateway.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/kernel.h"
#include "tests/simulation/network.h"
#include "tests/simulation/projected_tables.h"
#include "tests/simulation/projection.h"
#include "tests/simulation/source.h"
#include "tests/simulation/stream.h"
#include "tests/simulation/tables.h"

namespace praxis::simulation {

// What a run came to, and how much it did.
struct Outcome {
  // Empty when all is well.
  std::string failure;
  uint64_t steps = 0;
  int64_t events = 0;
  int64_t promises = 0;
  int64_t answers = 0;
  int64_t refusals = 0;
  int64_t cache_hits = 0;
  int64_t gateway_hits = 0;

  Outcome& operator+=(const Outcome& other);
};

// Two replicas of the source (or one process with its log in memory), one or
// two services that follow it with up to three processes together, maybe a
// gateway in front of them, a stream, a cache, and everything that befalls
// them. After some seconds all faults end, and within a minute everything must
// agree.
class World {
 public:
  World(uint64_t seed, Bug bug);

  Outcome Run();

 private:
  // What befalls this run, and how often, in percent of the moments there are.
  struct Weather {
    int crashes = 0;
    int cuts = 0;
    int deafness = 0;
    int stream = 0;
    int poison = 0;
    Micros write_every = 0;
    Micros ask_every = 0;
  };

  void AddGateway(const std::vector<SourceReplica*>& sources);
  void ChooseWeather();
  void Settle();
  std::string Difference() const;

  Process Write();
  Process Ask(int who);
  Process AskCached();
  Process Disturb();
  Process Reboot(int who);
  void CutSome();
  void Deafen(ProjectionReplica& projection);
  ProjectionReplica& AnyProjection();
  void DisturbStream();

  Kernel kernel_;
  const Bug bug_;
  Weather weather_;
  SourceTables source_;
  Stream stream_;
  Judge judge_;
  Network network_;
  std::vector<std::unique_ptr<ProjectedTables>> projected_;
  std::vector<std::unique_ptr<SourceReplica>> sources_;
  // The gateway is the last of them, where there is one.
  std::vector<std::unique_ptr<ProjectionReplica>> projections_;
  GatewayReplica* gateway_ = nullptr;
  CachedRows cached_;
  // Those outside of the machines: people, and misfortune.
  Node outside_;
  bool calm_ = false;
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_WORLD_H_
