#include "tests/simulation/source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/events/relay.h"
#include "tests/simulation/relay_database.h"

namespace praxis::simulation {
namespace {

// As in log.cc.
constexpr Micros kTick = kSecond;
constexpr Micros kElsewhere = 200 * kMillisecond;
constexpr Micros kLookAgain = 50 * kMillisecond;
// A revoking call gives up, as by its deadline.
constexpr Micros kDeadline = 8 * kSecond;

// How often a thread stands still between two steps.
constexpr int kStallPercent = 5;

}  // namespace

struct SourceReplica::Transaction {
  explicit Transaction(SourceTables& tables) : tables(tables) {}
  ~Transaction() {
    if (scope >= 0) tables.scopes[scope].locked = false;
  }
  SourceTables& tables;
  int scope = -1;
};

SourceReplica::SourceReplica(Kernel& kernel, SourceTables& tables,
                             Stream& stream, Judge& judge, Bug bug)
    : node(kernel),
      kernel_(kernel),
      tables_(tables),
      stream_(stream),
      judge_(judge),
      bug_(bug) {}

void SourceReplica::Start() {
  start_ = node.Clock();
  latest_ = 0;
  view_.emplace(bug_ == Bug::kNoMargin ? kLease * 10 / 12 : kLease);
  // In memory there is nothing from before.
  if (tables_.in_process) tables_.acks.clear();
  node.Run(Look());
  node.RunCaller(Relay());
}

// The log's thread, as far as it numbers and publishes. Real code runs in here,
// and may find at its end that its process has died.
Process SourceReplica::Relay() {
  const int life = node.life();
  StreamedPublisher publisher(kernel_, stream_, node);
  RelayDatabase db(kernel_, tables_, node, publisher, bug_);
  events::Relay relay(db, "source", absl::StrCat(kernel_.random.Next()),
                      &publisher);
  Micros rest = kTick;
  while (!tables_.in_process) {
    Wait wait(kernel_);
    // Announcements get lost.
    if (kernel_.random.Chance(80)) tables_.committed.Add(wait);
    kernel_.At(kernel_.now() + rest, wait.ref());
    co_await wait;
    if (node.life() != life) break;
    ++node.calls;
    const absl::StatusOr<bool> numbered = relay.Number();
    if (numbered.ok()) relay.Publish(tables_.newest()).IgnoreError();
    --node.calls;
    rest = numbered.ok() && !*numbered ? kElsewhere : kTick;
  }
  co_return Done();
}

// The log's thread, as far as it looks at the tables.
Process SourceReplica::Look() {
  while (true) {
    co_await Observe();
    co_await LookOnce();
    Wait wait(kernel_);
    tables_.committed.Add(wait);
    kernel_.At(kernel_.now() + kTick, wait.ref());
    co_await wait;
  }
}

Sleep SourceReplica::Stall(Micros max) {
  const bool stalls = kernel_.random.Chance(kStallPercent);
  return Sleep(kernel_, stalls ? kernel_.random.Between(0, max) : 0);
}

Task<int64_t> SourceReplica::LookOnce() {
  co_await Hop();
  const int64_t newest = tables_.newest();
  co_await Hop();
  co_await Stall(kSecond);
  latest_ = std::max(latest_, newest);
  if (bug_ == Bug::kLatestGoesBack) {
    latest_ = newest;
    // What another look leaves here meanwhile is what is answered.
    co_await Sleep(kernel_, kernel_.random.Between(0, 200 * kMillisecond));
    co_return latest_;
  }
  co_return newest;
}

Task<Done> SourceReplica::Observe() {
  const absl::Duration before = node.Clock();
  co_await Hop();
  const std::vector<events::Acknowledgement> all = tables_.acks;
  co_await Hop();
  view_->Observe(all, bug_ == Bug::kSeenBeforeRead ? before : node.Clock());
  const std::vector<events::Acknowledgement> lapsed =
      view_->Lapsed(kForgetAfter, node.Clock());
  if (lapsed.empty()) co_return Done();
  // Others come before such a thing.
  co_await Sleep(kernel_, kernel_.random.Between(0, kSecond));
  for (const events::Acknowledgement& ack : lapsed) tables_.ForgetAck(ack);
  co_return Done();
}

Task<std::optional<SourceReplica::Batch>> SourceReplica::Read(int64_t after,
                                                              int limit) {
  co_await Hop();
  Batch batch;
  batch.latest = tables_.newest();
  for (int64_t n = after + 1; n <= batch.latest && n <= after + limit; ++n) {
    batch.events.push_back(tables_.row(tables_.IdOf(n)));
  }
  co_await Hop();
  co_return batch;
}

Task<std::optional<SourceReplica::Grant>> SourceReplica::Ack(
    std::string consumer, int64_t number) {
  int64_t newest = co_await LookOnce();
  if (!tables_.in_process) co_await Hop();
  tables_.PutAck(consumer, number);
  if (tables_.in_process) {
    view_->Observe(tables_.acks, node.Clock());
  } else {
    co_await Hop();
  }
  if (bug_ != Bug::kLatestBeforeRow) newest = co_await LookOnce();
  co_return Grant{.latest = newest, .lease = kLease};
}

Process SourceReplica::Chat() {
  Transaction tx(tables_);
  const int64_t id = tables_.Insert({});
  if (!tables_.in_process) co_await Hop();
  tables_.Commit(id);
  co_return Done();
}

Process SourceReplica::Change(int scope, bool granted, int refusals) {
  int64_t version = 0;
  {
    Transaction tx(tables_);
    while (tables_.scopes[scope].locked) co_await Hop();
    tables_.scopes[scope].locked = true;
    tx.scope = scope;
    version = tables_.scopes[scope].version + 1;
    const int64_t id = tables_.Insert({.scope = scope,
                                       .version = version,
                                       .granted = granted,
                                       .refusals = refusals});
    if (!tables_.in_process) {
      co_await Hop();
      // A transaction may stay open while later ones come and go.
      if (kernel_.random.Chance(30)) {
        co_await Sleep(kernel_, kernel_.random.Between(0, 500 * kMillisecond));
      }
    }
    tables_.Commit(id);
  }
  if (granted) co_return Done();
  const bool applied = co_await AwaitApplied();
  if (applied) judge_.Promise(scope, version);
  co_return Done();
}

Task<bool> SourceReplica::AwaitApplied() {
  const Micros end = kernel_.now() + kDeadline;
  const int64_t number = co_await Committed();
  while (kernel_.now() < end) {
    const bool passed = co_await Passed(number);
    if (passed) co_return true;
    co_await Sleep(kernel_, kLookAgain);
  }
  co_return false;
}

// The number of the last event that is committed by now, once it has one.
Task<int64_t> SourceReplica::Committed() {
  if (tables_.in_process) {
    const int64_t newest = co_await LookOnce();
    co_return newest;
  }
  int64_t last = 0;
  while (true) {
    co_await Hop();
    int64_t first = 0;
    int64_t max = 0;
    for (const EventRow& row : tables_.rows()) {
      if (row.committed_at == 0) continue;
      if (row.number == 0 && first == 0) first = row.id;
      max = row.id;
    }
    const int64_t newest = tables_.newest();
    if (last == 0) last = max;
    co_await Hop();
    if (bug_ == Bug::kWaitForMaxId) {
      if (tables_.row(last).number > 0) co_return tables_.row(last).number;
    } else if (first == 0 || first > last) {
      co_return newest;
    }
    co_await Sleep(kernel_, kLookAgain);
  }
}

Task<bool> SourceReplica::Passed(int64_t number) {
  if (tables_.in_process) {
    const absl::Duration now = node.Clock();
    const bool late = now - start_ >= kLease + kLease / 10;
    co_return (late || bug_ == Bug::kNoGrace) && view_->Passed(number, now);
  }
  const absl::Duration now = node.Clock();
  co_await Hop();
  co_await Stall(5 * kSecond);
  const std::vector<events::Acknowledgement> all = tables_.acks;
  co_await Hop();
  co_await Stall(5 * kSecond);
  view_->Observe(all, bug_ == Bug::kSeenBeforeRead ? now : node.Clock());
  co_return view_->Passed(number, now);
}

}  // namespace praxis::simulation
