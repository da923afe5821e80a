// SourceReplica: one process of the service whose events are followed.
#ifndef TESTS_SIMULATION_SOURCE_H_
#define TESTS_SIMULATION_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/common/events/lease_view.h"
#include "tests/simulation/bug.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/kernel.h"
#include "tests/simulation/stream.h"
#include "tests/simulation/tables.h"

namespace praxis::simulation {

// What services/common/events/log.cc and acks.cc do, step for step: each access
// to the database is one moment between two delays. The relay and the
// LeaseView are the real ones.
class SourceReplica {
 public:
  struct Batch {
    std::vector<EventRow> events;
    int64_t latest = 0;
  };
  struct Grant {
    int64_t latest = 0;
    absl::Duration lease;
  };

  SourceReplica(Kernel& kernel, SourceTables& tables, Stream& stream,
                Judge& judge, Bug bug);

  // A process begins, with nothing but the database.
  void Start();
  void Crash() { node.Crash(); }

  // Answered on this node, for callers elsewhere.
  Task<std::optional<Batch>> Read(int64_t after, int limit);
  Task<std::optional<Grant>> Ack(std::string consumer, int64_t number);

  // Changes who may do what in `scope`. What takes access away is promised when
  // all have applied it.
  Process Change(int scope, bool granted, int refusals);
  // Writes an event that says nothing of access.
  Process Chat();

  Node node;

 private:
  // An event that is rolled back unless it is committed.
  struct Transaction;

  Process Relay();
  Process Look();
  Task<int64_t> LookOnce();
  Task<bool> AwaitApplied();
  Task<int64_t> Committed();
  Task<bool> Passed(int64_t number);
  Task<Done> Observe();

  // To the database, or back.
  Sleep Hop() {
    return Sleep(kernel_, kernel_.random.Between(50, 3 * kMillisecond));
  }
  // Nothing, or now and then up to `max`.
  Sleep Stall(Micros max);

  Kernel& kernel_;
  SourceTables& tables_;
  Stream& stream_;
  Judge& judge_;
  const Bug bug_;

  // Of the process.
  absl::Duration start_;
  int64_t latest_ = 0;
  std::optional<events::LeaseView> view_;
};

// What a consumer is granted, and after what time without a sign of life its
// row is forgotten: an hour in truth.
constexpr absl::Duration kLease = absl::Seconds(3);
constexpr absl::Duration kForgetAfter = absl::Milliseconds(100);

}  // namespace praxis::simulation

#endif  // TESTS_SIMULATION_SOURCE_H_
