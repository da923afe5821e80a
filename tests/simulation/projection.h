// ProjectionReplica: one process of a service that follows the source.
#ifndef TESTS_SIMULATION_PROJECTION_H_
#define TESTS_SIMULATION_PROJECTION_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/common/events/lease.h"
#include "tests/simulation/bug.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/kernel.h"
#include "tests/simulation/network.h"
#include "tests/simulation/projected_tables.h"
#include "tests/simulation/source.h"
#include "tests/simulation/stream.h"
#include "tests/simulation/tables.h"

namespace praxis::simulation {

// What services/common/access/projection.cc and events/follower.cc do, and
// stream_source.cc for them, function for function; the Lease is the real one.
// Batches are small, so that even short logs take several.
class ProjectionReplica {
 public:
  struct World {
    Kernel& kernel;
    Network& network;
    SourceTables& source;
    std::vector<SourceReplica*> sources;
    Stream& stream;
    Judge& judge;
    Bug bug;
  };

  ProjectionReplica(const World& world, ProjectedTables& tables);
  virtual ~ProjectionReplica() = default;

  // A process begins, with nothing but the database.
  virtual void Start();
  void Crash() { node.Crash(); }

  // Someone asks what a scope is like.
  virtual Process Ask(int scope);

  // What it answers: the state after a change, and how far it knew access to
  // have changed, 0 without a lease.
  struct Seen {
    int64_t version = 0;
    int64_t position = 0;
  };
  // Nothing where it does not know, or nobody may.
  Task<std::optional<Seen>> See(int scope);

  bool Holds() const { return node.Clock() <= holds_until_; }
  int64_t position() const { return position_; }

  Node node;
  // Until then it gets no events, though its acknowledgements are answered.
  Micros deaf_until = 0;

 protected:
  const World& world() const { return w_; }
  // Changes of access that were applied, by any number, and the last of them.
  uint64_t generation() const { return generation_; }
  int64_t changed_at() const { return changed_at_; }

 private:
  using Batch = SourceReplica::Batch;
  enum class Stored { kYes, kPoison, kNo };
  // Held while a batch is applied.
  class Applying;

  Process Follow();
  Task<bool> FollowOnce();
  Task<bool> Acknowledge();
  void Judge();
  Task<bool> CatchUp();
  Task<bool> ReadOn();

  Task<bool> Apply(Batch batch);
  Task<Stored> StoreRange(std::vector<EventRow> events);
  Task<bool> StoreOneByOne(std::vector<EventRow> events);
  Task<bool> GiveUp(EventRow event);
  void Commit(const std::vector<EventRow>& events, int64_t applied);

  // The source behind the network, and the stream in front of it.
  Task<std::optional<Batch>> Read(int64_t after);
  Task<std::optional<Batch>> Next(int64_t after, Micros timeout);
  Task<std::optional<Batch>> NextOfSource(int64_t after, Micros timeout);
  Batch Following(int64_t after) const;

  SourceReplica& AnySource();
  Sleep Hop() {
    return Sleep(w_.kernel, w_.kernel.random.Between(50, 3 * kMillisecond));
  }
  // As Hop, but now and then much longer.
  Sleep Stall();
  bool IsDeaf() const { return w_.kernel.now() < deaf_until; }
  Micros ClockMicros() const { return absl::ToInt64Microseconds(node.Clock()); }

  World w_;
  ProjectedTables& tables_;

  // Of the process.
  std::string consumer_;
  int64_t position_ = 0;
  int64_t stored_ = 0;
  int64_t changed_at_ = 0;
  int64_t seen_latest_ = 0;
  events::Lease lease_;
  absl::Duration holds_until_;
  Micros acked_time_ = 0;
  int64_t acked_ = -1;

  bool apply_failed_ = false;
  bool applying_ = false;
  Signal applied_;
  int64_t failing_ = 0;
  int tries_ = 0;

  int64_t begun_ = 0;
  int64_t ended_ = 0;
  bool outcome_ = false;
  Signal caught_up_;

  // The standings that are kept.
  struct Kept {
    uint64_t generation = 0;
    ProjectedTables::Scope scope;
  };
  std::array<Kept, kScopes> kept_;
  uint64_t generation_ = 1;
};

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_PROJECTION_H_
